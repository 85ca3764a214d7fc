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

export async function sendFile(to, { file, kind }, caption, answering) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...to, kind, caption, reply_to: answering?.message.message_id })) {
    if (value !== undefined && value !== "") form.append(name, String(value));
  }
  form.append("file", file, file.name || "image.png");
  return result(await fetch(at("send_file"), { method: "POST", body: form }));
}
