// One message.

import { avatar, hue } from "../look/avatar.js";
import { apart, clickable, div, el, iconButton, span } from "../look/element.js";
import { clock } from "../look/figures.js";
import { keyButton } from "./key.js";
import { gist, KINDS, mediaNodes, serviceWords } from "./media.js";
import { richBlocks, richText } from "./rich.js";
import { account, chatOf, findMessage, meIn, nameOf } from "../model/chats.js";
import { state } from "../model/state.js";
import { attempt, command } from "../server.js";
import { formatted } from "../text/formatted.js";
import { grow } from "../text/growing.js";
import { t } from "../words.js";

const PARTS = ["head", "media", "body", "reactions"];

export function messageNode(chat, message) {
  const bubble = div("bubble", ...PARTS.map((name) => el("div", { class: name })), div("meta"));
  const node = el("li", { class: "message", "data-id": message.message_id, tabindex: "-1" });
  node.painted = {};
  if (serviceWords(message)) {
    node.append(div("service", span("", serviceWords(message))));
    return node;
  }
  const mine = own(chat, message), sender = message.from ?? { id: 0, first_name: "" };
  node.classList.toggle("own", mine);
  node.classList.toggle("group", chat.type !== "private");
  const face = mine || chat.type === "private" ? null : avatar(sender.id, nameOf(sender), { small: true, bot: sender.is_bot });
  const tools = iconButton("dots", t("more"), null, { class: "round tools", "aria-haspopup": "menu" });
  node.append(div("line", face, bubble, tools, div("keyboard")));
  paintMessage(node, chat, message);
  return node;
}

export function paintMessage(node, chat, message) {
  if (serviceWords(message)) return;
  const media = KINDS.filter((name) => message[name]).map((name) => [name, message[name]]);
  node.classList.toggle("edited", Boolean(message.edit_date));
  node.querySelector(".bubble").classList.toggle("bare", Boolean(message.sticker));
  repaint(node, "head", [message.forward_origin, message.reply_to_message, message.quote, chat.type], () => headNodes(chat, message));
  repaint(node, "media", media, () => mediaNodes(message));
  repaintBody(node, message);
  repaint(node, "keyboard", keysOf(message), () => keyboardRows(message));
  repaint(node, "reactions", [message.reactions, chat.me], () => reactionChips(chat, message));
  repaint(node, "meta", [metaWords(message), message.read], () => apart(metaWords(message), own(chat, message) ? ticks(message) : null));
}

/** Whether the reader wrote it. */
const own = (chat, message) => message.from?.id === meIn(chat)?.id;

/** One tick: it is sent; two: a bot has taken it. */
const ticks = ({ read }) => el("span", { class: "ticks", role: "img", "aria-label": t(read ? "taken" : "sent"), title: t(read ? "taken" : "sent") }, read ? "✓✓" : "✓");

const metaWords = (message) => `${message.edit_date ? `${t("edited")} ` : ""}${clock(message.date)}`;
const roomWords = (message) => (message.from?.is_bot ? metaWords(message) : `${metaWords(message)} ✓✓`);

/** Fill a part of a message anew, but only where what it shows has changed: a button that is being pressed must stay. */
export function repaint(node, name, value, build) {
  const signature = JSON.stringify(value) ?? "";
  if ((node.painted[name] ?? "") === signature) return;
  node.painted[name] = signature;
  node.querySelector(`.${name}`).replaceChildren(...build().filter(Boolean));
}

function repaintBody(node, message) {
  const body = node.querySelector(".body"), first = node.painted.body === undefined;
  const { text, entities, caption, caption_entities, rich_message } = message;
  const signature = JSON.stringify([text, entities, caption, caption_entities, rich_message, metaWords(message)]);
  if (node.painted.body === signature) return;
  node.painted.body = signature;
  const fragment = bodyNodes(message), room = el("span", { class: "room", "data-kind": "room", "data-words": roomWords(message) });
  fragment.append(room);  // keeps the corner free for the time
  body.dir = rich_message?.is_rtl ? "rtl" : "auto";
  if (first) body.replaceChildren(fragment); else grow(body, fragment);
}

export function bodyNodes(message) {
  const fragment = document.createDocumentFragment();
  if (message.rich_message) {
    fragment.append(el("div", { class: "rich", "data-kind": "rich" }, richBlocks(message, message.rich_message.blocks)));
  } else if (message.text || message.caption) {
    fragment.append(formatted(message.text ?? message.caption, message.entities ?? message.caption_entities));
  } else if (!KINDS.some((name) => message[name])) {
    fragment.append(el("em", { class: "dim" }, t("unsupported")));
  }
  return fragment;
}

function headNodes(chat, message) {
  const nodes = [];
  if (!own(chat, message) && chat.type !== "private" && message.from) {
    const who = span("name who", nameOf(message.from));
    who.style.setProperty("--hue", hue(message.from.id));
    nodes.push(who);
  }
  const origin = message.forward_origin;
  if (origin) {
    const title = origin.sender_user_name ?? origin.sender_chat?.title ?? origin.chat?.title ?? "";
    const name = origin.sender_user ? nameOf(origin.sender_user) : title;
    nodes.push(span("name origin", t("forwarded", { name })));
  }
  if (message.ephemeral_message_id) nodes.push(span("origin", `👁 ${t("unseen", { name: nameOf(account(unseenBy(message))) })}`));
  if (message.via_bot) nodes.push(span("origin", t("via", { name: message.via_bot.username ?? "" })));
  if (message.reply_to_message && !message.reply_to_message.forum_topic_created) nodes.push(answeredNode(chat, message));
  return apart(...nodes);
}

/** Whose message it is beside the bot's: no other person sees it. */
const unseenBy = ({ from, receiver_user }) => (from?.is_bot ? receiver_user.id : from.id);

function answeredNode(chat, message) {
  const told = message.reply_to_message, replied = findMessage(chat, told.message_id) ?? told;
  const name = replied.from ? nameOf(replied.from) : "";
  return el("button", { type: "button", class: "answered", "data-to": told.message_id },
    ...apart(el("b", { class: "name" }, name), span("", message.quote?.text ?? gist(replied))));
}

/** The keys under a message; an invoice has one also where its bot gave none (core.telegram.org/bots/api#sendinvoice). */
const keysOf = (message) => message.reply_markup?.inline_keyboard ?? (message.invoice && [[{ text: t("pay"), pay: true }]]);

function keyboardRows(message) {
  return (keysOf(message) ?? []).map((row) => div("", ...row.map((button) => keyButton(message, button, richText(button.text)))));
}

function reactionChips(chat, message) {
  const counted = new Map(), me = meIn(chat)?.id;
  for (const { emoji, user } of message.reactions ?? []) counted.set(emoji, [...(counted.get(emoji) ?? []), user]);
  return [...counted].map(([emoji, by]) => {
    const mine = by.includes(me), chip = clickable("reaction", () => react(message, mine ? null : emoji), ...apart(emoji, span("", String(by.length))));
    chip.setAttribute("aria-pressed", String(mine));
    chip.title = by.map((id) => nameOf(account(id))).join(", ");
    return chip;
  });
}

export const react = (message, emoji) => attempt(() =>
  command("react", { chat: state.open.chat, user: meIn(chatOf()).id, message_id: message.message_id, emoji }));
