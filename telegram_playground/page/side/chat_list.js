// The list of chats.

import { avatar, chatFace } from "../look/avatar.js";
import { apart, byId, div, dotted, el, icon, span } from "../look/element.js";
import { clock } from "../look/figures.js";
import { gist, serviceWords } from "../message/media.js";
import {
  account, GENERAL, hasTopics, lastIn, meIn, membersOf, nameOf, place, titleOf, topicName,
} from "../model/chats.js";
import { unread } from "../model/reading.js";
import { bots, chats, state } from "../model/state.js";
import { t } from "../words.js";

let chatsDirty = false;
export const rows = new Map();  // what a row shows -> the row

export function paintChats() {
  if (chatsDirty) return;
  chatsDirty = true;
  setTimeout(() => { chatsDirty = false; drawChats(); }, 50);
}

export function drawChats() {
  const wanted = [], filter = byId("search").value.trim().toLowerCase();
  const touched = (chat) => lastIn(chat)?.date ?? Infinity;
  const perBot = new Map();
  for (const chat of chats.values()) if (chat.type === "private") perBot.set(chat.bots[0], (perBot.get(chat.bots[0]) ?? 0) + 1);
  const newestFirst = (a, b) => touched(b) - touched(a) || (b.moved ?? 0) - (a.moved ?? 0);
  for (const chat of [...chats.values()].sort(newestFirst)) {
    if (filter && !`${titleOf(chat)} ${membersOf(chat).map(nameOf).join(" ")}`.toLowerCase().includes(filter)) continue;
    wanted.push(chatRow(chat, perBot.get(chat.bots[0]) > 1));
    if (hasTopics(chat) && chat.key === state.open.chat) wanted.push(topicRows(chat));
  }
  for (const bot of bots.values()) if (!perBot.has(bot.id)) wanted.push(botRow(bot));
  if (!wanted.length) wanted.push(el("li", { class: "row dim" }, t("empty_chats")));
  const box = byId("chats");
  wanted.forEach((one, index) => { if (box.children[index] !== one) box.insertBefore(one, box.children[index] ?? null); });
  while (box.children.length > wanted.length) box.lastChild.remove();
  paintTitle();
}

/** The row of that name; what a click on it opens stands in its data (clicks.js). */
function row(name, opens) {
  if (!rows.has(name)) {
    const above = div("", ...apart(span("name title"), el("time")));
    const below = div("", ...apart(span("name preview"), el("span", { class: "badge", hidden: true })));
    const button = el("button", { type: "button", class: "row" }, span("face"), span("what", ...apart(above, below)));
    Object.assign(button.dataset, opens);
    rows.set(name, el("li", {}, button));
  }
  return rows.get(name);
}

function paintRow(item, { face, title, preview, busy = false, time = "", count = 0, current }) {
  const part = (name) => item.querySelector(name), signature = JSON.stringify([title, preview, busy, time, count, current]);
  if (item.painted === signature) return item;
  item.painted = signature;
  part(".face").replaceChildren(face);
  part(".title").textContent = title;
  part(".preview").textContent = preview;
  part(".preview").classList.toggle("busy", busy);
  part("time").textContent = time;
  part(".badge").hidden = !count;
  part(".badge").textContent = String(count);
  part(".badge").setAttribute("aria-label", t("unread", { n: count }));
  item.querySelector(".row").setAttribute("aria-current", String(current));
  return item;
}

/** The row of a chat; where several people talk to one bot, a private chat is named by both. */
function chatRow(chat, several) {
  const last = lastIn(chat), title = titleOf(chat), typing = typingWords(chat), bot = chat.type === "private";
  const sender = last && chat.type !== "private" && last.from && !serviceWords(last) ? `${nameOf(last.from)}: ` : "";
  return paintRow(row(chat.key, { chat: chat.key }), {
    face: chatFace(chat),
    title: bot && several ? dotted([title, nameOf(meIn(chat) ?? { id: "" })]) : title,
    preview: typing || (last ? sender + gist(last) : ""),
    busy: Boolean(typing),
    time: last ? clock(last.date) : "",
    count: unread(chat),
    current: chat.key === state.open.chat && !hasTopics(chat),
  });
}

const topicLists = new Map();

function topicRows(chat) {
  if (!topicLists.has(chat.key)) topicLists.set(chat.key, el("li", { class: "topics" }, el("ul")));
  const item = topicLists.get(chat.key), topics = [{ message_thread_id: GENERAL }, ...chat.topics];
  const drawn = topics.map(({ message_thread_id: topic }) => {
    const last = lastIn(chat, topic);
    return paintRow(row(place(chat.key, topic), { chat: chat.key, topic }), {
      face: icon("topic"),
      title: topicName(chat, topic),
      preview: last ? gist(last) : "",
      count: unread(chat, topic),
      current: state.open.topic === topic,
    });
  });
  const more = row(`${chat.key}/new`, { forum: chat.key });
  drawn.push(paintRow(more, { face: icon("new"), title: t("add_topic"), preview: "", current: false }));
  const box = item.firstChild;
  drawn.forEach((one, index) => { if (box.children[index] !== one) box.insertBefore(one, box.children[index] ?? null); });
  while (box.children.length > drawn.length) box.lastChild.remove();
  return item;
}

function botRow(bot) {
  const face = avatar(bot.id, nameOf(bot), { bot: true });
  return paintRow(row(`bot/${bot.id}`, { bot: bot.id }), { face, title: nameOf(bot), preview: t("start_chat"), current: false });
}

export function typingWords(chat, topic) {
  const active = [...chat.typing].filter(([, shown]) => topic === undefined || shown.topic === topic);
  if (!active.length) return "";
  const doing = active[0][1].action === "typing" ? t("typing") : active[0][1].action.replaceAll("_", " ");
  return chat.type === "private" ? `${doing}…` : `${active.map(([bot]) => nameOf(account(bot))).join(", ")}: ${doing}…`;
}

function paintTitle() {
  const count = [...chats.values()].reduce((sum, chat) => sum + unread(chat), 0);
  document.title = count ? `(${count}) Playground` : "Playground";
}
