// Files and other things in messages, and any message in one line.

import { pollNodes } from "./poll.js";
import { apart, clickable, div, el, icon, span } from "../look/element.js";
import { size } from "../look/figures.js";
import { nameOf } from "../model/chats.js";
import { at } from "../server.js";
import { t } from "../words.js";

const fileAddress = (file) => at(`file/${encodeURIComponent(file.file_id)}`).href;

export function mediaNodes(content) {
  if (content.photo) return [picture(content.photo.at(-1), t("k_photo"), content)];
  if (content.sticker) return [picture(content.sticker, content.sticker.emoji || t("k_sticker"), { sticker: true })];
  if (content.animation) return [moving(content.animation, content)];
  if (content.video ?? content.video_note) return [film(content.video ?? content.video_note)];
  if (content.audio ?? content.voice ?? content.voice_note) return sound(content.audio ?? content.voice ?? content.voice_note);
  if (content.document) return [fileCard(content.document)];
  return otherNodes(content);
}

function picture(file, words, { has_media_spoiler, has_spoiler, sticker }) {
  const look = sticker ? "sticker" : has_media_spoiler || has_spoiler ? "hidden-media" : null;
  const node = el("img", { src: fileAddress(file), alt: words, class: look, loading: "lazy" });
  if (file.width && file.height && !sticker) Object.assign(node, { width: file.width, height: file.height }).style.height = "auto";
  if (sticker) return node;
  return clickable("picture", () => {
    if (!node.classList.replace("hidden-media", "seen")) window.open(node.src, "_blank", "noopener");
  }, node);
}

function moving(file, content) {
  return file.mime_type?.startsWith("video/") ? film(file, { loop: true }) : picture(file, t("k_animation"), content);
}

const film = (file, more = {}) => el("video", { src: fileAddress(file), controls: true, preload: "metadata", ...more });

function sound(file) {
  const title = [file.performer, file.title || file.file_name].filter(Boolean).join(" – ");
  return [title ? div("name", title) : null, el("audio", { src: fileAddress(file), controls: true, preload: "metadata" })];
}

function fileCard(file) {
  const name = file.file_name || t("k_document");
  return el("a", { class: "file", href: fileAddress(file), download: name }, span("disc", icon("file")),
    div("", ...apart(el("b", {}, name), span("", size(file.file_size ?? 0)))));
}

function otherNodes(content) {
  const bold = (words) => [el("b", {}, words)];
  if (content.venue) return [el("b", {}, content.venue.title), div("", content.venue.address)];
  if (content.location) return bold(`${t("k_location")}: ${content.location.latitude}, ${content.location.longitude}`);
  if (content.contact) return bold(`${nameOf(content.contact)} ${content.contact.phone_number ?? ""}`);
  if (content.dice) return bold(`${content.dice.emoji} ${content.dice.value}`);
  if (content.poll) return pollNodes(content);
  if (content.invoice) return invoiceNodes(content.invoice);
  return [];
}

const price = (currency, amount) => (currency === "XTR" ? `${amount} ⭐` : `${(amount / 100).toFixed(2)} ${currency}`);

function invoiceNodes({ title, description, currency, total_amount }) {
  return [el("b", {}, title), div("", description), div("dim", price(currency, total_amount))];
}

export const KINDS = [
  "photo", "video", "animation", "voice", "audio", "video_note", "sticker", "document", "location", "contact", "poll", "dice", "invoice",
];

/** A message in one line, for lists and quotes. */
export function gist(message) {
  const service = serviceWords(message);
  if (service) return service;
  const words = message.text ?? message.caption ?? richWords(message.rich_message?.blocks);
  const kind = KINDS.find((name) => message[name]);
  const named = kind === "document" ? message.document.file_name : kind && t(`k_${kind}`);
  return [named, words].filter(Boolean).join(", ").replace(/\s+/g, " ").slice(0, 200);
}

export function richWords(value) {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(richWords).join(" ");
  if (!value || typeof value !== "object") return "";
  const parts = [value.label, value.summary, value.text, value.expression, value.cells, value.items, value.blocks];
  return parts.map(richWords).filter(Boolean).join(" ");
}

export function serviceWords(message) {
  const names = (all) => all.map(nameOf).join(", ");
  if (message.new_chat_members) return t("s_joined", { name: names(message.new_chat_members) });
  if (message.left_chat_member) return t("s_left", { name: nameOf(message.left_chat_member) });
  if (message.forum_topic_created) return t("s_topic", { name: message.forum_topic_created.name });
  if (message.forum_topic_closed) return t("s_closed");
  if (message.forum_topic_reopened) return t("s_reopened");
  if (message.new_chat_title) return t("s_title", { name: message.new_chat_title });
  const renamed = message.forum_topic_edited, paid = message.successful_payment, refunded = message.refunded_payment;
  if (renamed) return renamed.name ? t("s_topic_named", { name: renamed.name }) : t("s_topic_icon");
  if (message.general_forum_topic_hidden) return t("s_hidden");
  if (message.general_forum_topic_unhidden) return t("s_unhidden");
  if (message.new_chat_photo) return t("s_photo");
  if (message.delete_chat_photo) return t("s_no_photo");
  if (paid) return t("s_paid", { amount: price(paid.currency, paid.total_amount) });
  if (refunded) return t("s_refunded", { amount: price(refunded.currency, refunded.total_amount) });
  if (message.web_app_data) return t("s_web_app", { name: message.web_app_data.button_text });
  if (message.pinned_message) return t("s_pinned", { name: nameOf(message.from) });
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return t("upgraded");
  if (message.group_chat_created || message.supergroup_chat_created) return t("s_created");
  return "";
}
