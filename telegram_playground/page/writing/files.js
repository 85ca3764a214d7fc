// Files that will be sent.

import { checkbox } from "../look/dialog.js";
import { apart, byId, el, field, icon, iconButton, span } from "../look/element.js";
import { size } from "../look/figures.js";
import { state } from "../model/state.js";
import { at, result } from "../server.js";
import { t } from "../words.js";
import { fit } from "./write.js";

const isImage = (item) => item.file.type.startsWith("image/");

export function addFiles(files) {
  for (const file of files) state.waiting.push({ file, kind: undefined });
  paintFiles();
  field.focus();
}

export function paintFiles() {
  const box = byId("files");
  box.hidden = !state.waiting.length;
  for (const image of box.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  const chip = (item) => {
    const preview = isImage(item) ? el("img", { src: URL.createObjectURL(item.file), alt: "" }) : icon("file");
    const remove = iconButton("close", t("remove"), () => { state.waiting = state.waiting.filter((one) => one !== item); paintFiles(); });
    return el("li", {}, ...apart(preview, span("name", item.file.name), span("dim", size(item.file.size)), remove));
  };
  box.replaceChildren(...state.waiting.map(chip));
  if (state.waiting.some(isImage)) {
    const choose = (plain) => state.waiting.forEach((item) => { item.kind = plain ? "document" : undefined; });
    box.append(el("li", {}, checkbox(t("as_file"), state.waiting.every((item) => item.kind), choose)));
  }
  fit();
}

const ALONE = new Set(["image/gif", "image/webp", "audio/ogg"]);  // animations, stickers and voice messages

function familyOf({ file, kind }) {
  const family = file.type.split("/")[0];
  if (kind === "document" || !["image", "video", "audio"].includes(family)) return "document";
  return ALONE.has(file.type) ? "" : family === "audio" ? "audio" : "picture";
}

/** Name the album of each file: as in Telegram's apps, two to ten of one family that stand together are one. */
export function albumsOf(items) {
  const albums = [];
  for (const item of items) {
    const last = albums.at(-1), family = familyOf(item);
    if (family && last?.family === family && last.count < 10) last.count += 1;
    else albums.push({ family, count: 1, name: String(Math.ceil(Math.random() * 2 ** 53)) });
  }
  return albums.flatMap(({ count, name }) => Array(count).fill(count > 1 ? name : undefined));
}

export async function sendFile(to, { file, kind }, { text: caption, entities = [] }, answering) {
  const form = new FormData(), marks = entities.length ? JSON.stringify(entities) : undefined;
  for (const [name, value] of Object.entries({ ...to, kind, caption, entities: marks, reply_to: answering?.message.message_id })) {
    if (value !== undefined && value !== "") form.append(name, String(value));
  }
  form.append("file", file, file.name || "image.png");
  return result(await fetch(at("send_file"), { method: "POST", body: form }));
}
