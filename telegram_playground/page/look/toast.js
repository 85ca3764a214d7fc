// Short words that go away by themselves, and the clipboard, which tells by them.

import { byId, el } from "./element.js";
import { t } from "../words.js";

export function toast(words, kind = "") {
  const node = el("div", { class: `toast ${kind}` }, words);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), 2500 + 40 * words.length);
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
