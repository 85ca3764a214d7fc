// The messages of the open chat: a window of some 200 is in the page, whatever the length of the chat.

import { paintDrafts } from "./drafts.js";
import { paintPinned } from "./header.js";
import { follow, fromBottom, paintDown, sizeNow, toBottom } from "./scroll.js";
import { paintWelcome } from "./welcome.js";
import { byId, div, list, scroller, span } from "../look/element.js";
import { day, dayNumber } from "../look/figures.js";
import { gist, serviceWords } from "../message/media.js";
import { messageNode, paintMessage } from "../message/message.js";
import { chatOf, findMessage, lastIn, meIn, nameOf, place, seek, topicOf } from "../model/chats.js";
import { reading, remember } from "../model/reading.js";
import { state } from "../model/state.js";
import { attempt, command } from "../server.js";
import { paintChats } from "../side/chat_list.js";

const WINDOW = 200, STEP = 40;

/** Show the end of the open chat, all anew. */
export function showList() {
  const chat = chatOf();
  const messages = chat.messages.filter((message) => topicOf(chat, message) === state.open.topic);
  state.view = { messages, from: Math.max(0, messages.length - WINDOW), to: messages.length, nodes: new Map(), loading: false };
  list.replaceChildren();
  syncList();
  paintDrafts();
  paintPinned();
  toBottom();
  if (messages.length < 20 && chat.more) loadOlder();
}

/** Show no chat at all. */
export function showNothing() {
  state.view = { messages: [], from: 0, to: 0, nodes: new Map(), loading: false };
  list.replaceChildren();
}

/** Make the page's nodes those of the window, each once, in order. */
function syncList() {
  const chat = chatOf(), wanted = state.view.messages.slice(state.view.from, state.view.to);
  const ids = new Set(wanted.map((message) => message.message_id));
  for (const [id, node] of state.view.nodes) {
    if (ids.has(id)) continue;
    node.remove();
    state.view.nodes.delete(id);
  }
  let next = list.firstChild;
  wanted.forEach((message, index) => {
    while (next?.classList.contains("gone")) next = next.nextSibling;
    let node = state.view.nodes.get(message.message_id);
    if (!node) state.view.nodes.set(message.message_id, (node = messageNode(chat, message)));
    if (node === next) next = next.nextSibling; else list.insertBefore(node, next);
    decorate(node, state.view.messages[state.view.from + index - 1], message, state.view.messages[state.view.from + index + 1]);
    if (message.media_group_id) placeInAlbum(node, wanted, index);
  });
  list.classList.toggle("albums", list.querySelector(":scope > .tile") !== null);
  paintWelcome();
}

/** Join messages of one sender into a group, and begin each day with its date. */
function decorate(node, before, message, after) {
  const follows = (one, next) => one && next && one.from?.id === next.from?.id && next.date - one.date < 600 &&
    dayNumber(one.date) === dayNumber(next.date) && !serviceWords(one) && !serviceWords(next);
  node.classList.toggle("first", !follows(before, message));
  node.classList.toggle("last", !follows(message, after));
  const who = node.querySelector(".who");
  if (who) who.hidden = Boolean(follows(before, message));
  node.classList.toggle("plain", answersAbove(before, message));
  const begins = !before || dayNumber(before.date) !== dayNumber(message.date), shown = node.firstChild?.className === "day";
  if (begins && !shown) node.prepend(div("day", span("", day(message.date))));
  if (!begins && shown) node.firstChild.remove();
}

/** Whether a bot answers, in a private chat, what stands directly above; the page shows that by a sign instead of a quotation. */
function answersAbove(before, message) {
  const told = message.reply_to_message?.message_id;
  return chatOf().type === "private" && message.from?.is_bot && !message.quote && told !== undefined && told === before?.message_id;
}

const PICTURES = ["photo", "video"];
const isTile = (message, album) => album !== undefined && message?.media_group_id === album && PICTURES.some((kind) => message[kind]);

/** Pictures of one album stand two in a row; the last one of an odd number has its row for itself. */
function placeInAlbum(node, wanted, index) {
  const album = wanted[index].media_group_id, tile = isTile(wanted[index], album);
  let first = index, last = index;
  while (tile && isTile(wanted[first - 1], album)) first -= 1;
  while (tile && isTile(wanted[last + 1], album)) last += 1;
  const many = last > first, even = (index - first) % 2 === 0;
  node.classList.toggle("tile", many);
  node.classList.toggle("left", many && even);
  node.classList.toggle("wide", many && even && index === last);
}

export function addMessage(chat, message) {
  if (topicOf(chat, message) !== state.open.topic) return;
  const atEnd = state.view.to === state.view.messages.length, index = ~seek(state.view.messages, message.message_id);
  state.view.messages.splice(index, 0, message);
  if (atEnd && index >= state.view.to) state.view.to += 1;
  if (state.stuck) state.view.from = Math.max(state.view.from, state.view.to - WINDOW);
  syncList();
  state.view.nodes.get(message.message_id)?.classList.add("arrived");
  if (message.from?.id === meIn(chat)?.id) showEnd();
  follow();
  if (message.from?.id !== meIn(chat)?.id) announce(message);
  if (state.stuck) markRead();
  paintDown();
}

export function changeMessage(message) {
  const node = state.view.nodes.get(message.message_id);
  if (node) paintMessage(node, chatOf(), message);
  follow();
  if (message.from?.is_bot) announce(message);
}

/** A bot has taken a message; nothing else of it has changed. */
export function paintRead(message) {
  const node = state.view.nodes.get(message.message_id);
  if (node) paintMessage(node, chatOf(), message);
}

export function removeMessage(id) {
  const index = seek(state.view.messages, id), node = state.view.nodes.get(id);
  if (index < 0) return;
  state.view.messages.splice(index, 1);
  if (index < state.view.to) state.view.to -= 1;
  if (index < state.view.from) state.view.from -= 1;
  state.view.nodes.delete(id);
  if (!node) return;
  const end = () => { node.remove(); syncList(); };
  node.classList.add("gone");
  setTimeout(end, 200);
}

/** Move the window; what the reader looks at stays where it is. */
function moveWindow(from, to) {
  const top = scroller.getBoundingClientRect().top;
  const anchor = [...list.children].find((node) => node.getBoundingClientRect().bottom > top + 1);
  const before = anchor?.getBoundingClientRect().top;
  state.view.from = Math.max(0, from);
  state.view.to = Math.min(state.view.messages.length, to);
  syncList();
  if (anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - before;
  state.lastTop = scroller.scrollTop;
}

async function loadOlder() {
  const chat = chatOf(), here = state.view;
  if (!chat?.more || state.view.loading) return;
  state.view.loading = true;
  const older = await attempt(() => command("messages", { chat: chat.key, before: chat.messages[0]?.message_id, limit: 200 }));
  here.loading = false;
  if (!older) return;
  chat.more = older.length === 200;
  const fresh = older.filter((message) => !findMessage(chat, message.message_id));
  chat.messages.unshift(...fresh);
  if (here !== state.view) return;
  const mine = fresh.filter((message) => topicOf(chat, message) === state.open.topic);
  state.view.messages.unshift(...mine);
  moveWindow(state.view.from + mine.length - STEP, Math.min(state.view.to + mine.length, state.view.from + mine.length + WINDOW));
  if (state.stuck) toBottom();
  if (chat.more && scroller.scrollTop < 300 && mine.length < STEP) loadOlder();
}

export async function jumpTo(id) {
  const chat = chatOf();
  while (seek(state.view.messages, id) < 0 && chat.more && chat.messages[0]?.message_id > id && !state.view.loading) await loadOlder();
  const index = seek(state.view.messages, id);
  if (index < 0) return;
  state.stuck = false;
  if (!state.view.nodes.has(id)) moveWindow(index - WINDOW / 2, index + WINDOW / 2);
  const node = state.view.nodes.get(id);
  node.scrollIntoView({ block: "center" });
  node.classList.remove("flash");
  requestAnimationFrame(() => node.classList.add("flash"));
}

export function showEnd() {
  if (state.view.to < state.view.messages.length) { state.view.to = state.view.messages.length; state.view.from = Math.max(0, state.view.to - WINDOW); syncList(); }
  state.stuck = true;
}

export function onScroll() {
  const top = scroller.scrollTop;
  if (fromBottom() < 30 && state.view.to === state.view.messages.length) state.stuck = true;
  else if (top < state.lastTop - 1 && sizeNow() === state.size) state.stuck = false;  // not where a new size moved the text
  state.lastTop = top;
  if (state.stuck) markRead();
  paintDown();
  const { from, to, messages } = state.view;
  if (top < 500 && from > 0) moveWindow(from - STEP, Math.min(to, from + WINDOW));
  else if (top < 500) loadOlder();
  else if (fromBottom() < 500 && to < messages.length) moveWindow(Math.max(from, to - WINDOW), to + STEP);
}

export function markRead() {
  const chat = chatOf(), last = chat && lastIn(chat, state.open.topic ?? undefined);
  if (!chat || document.hidden) return;
  reading.set(place(chat.key, state.open.topic), last?.message_id ?? 0);
  remember();
  paintChats();
}

let announcing = 0;

/** Have a message read aloud, once it has stopped growing. */
function announce(message) {
  clearTimeout(announcing);
  const say = () => { byId("live").textContent = `${nameOf(message.from ?? { id: "" })}: ${gist(message)}`; };
  announcing = setTimeout(say, 1500);
}
