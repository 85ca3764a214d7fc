// Short words that go away by themselves, and the clipboard, which tells by them.

import { app, dialog, el } from "./element.js";
import { t } from "../words.js";

const MOST = 3;  // at a time

/** Say something for a few seconds, in a row of its own where the reader is: it covers nothing. */
export function toast(words, kind = "") {
  const node = el("div", { class: `toast ${kind}` }, words), room = roomForToasts();
  room.append(node);
  while (room.children.length > MOST) room.firstChild.remove();
  setTimeout(() => node.remove(), 2500 + 40 * words.length);
}

function roomForToasts() {
  const rooms = [...app.querySelectorAll(".toasts")].filter((room) => room.getClientRects().length);
  const pane = (look) => rooms.find((room) => room.parentElement.matches(look));
  const overlaid = matchMedia("(max-width: 1180px)").matches ? pane(".glass") : null;
  const focused = rooms.find((room) => room.parentElement.contains(document.activeElement));
  return (dialog.open && dialog.querySelector(".toasts")) || focused || overlaid || pane(".chat") || pane(".side");
}

export async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {  // no clipboard without a secure context
    const area = el("textarea", { class: "sr" }, words);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(t("copied"));
}
