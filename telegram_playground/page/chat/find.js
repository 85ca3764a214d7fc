// Search in the open chat: among its last thousand messages and all that the page has, from the newest back.

import { jumpTo } from "./messages.js";
import { byId, field } from "../look/element.js";
import { gist, richWords } from "../message/media.js";
import { chatOf, topicOf } from "../model/chats.js";
import { state } from "../model/state.js";
import { attempt, command } from "../server.js";

const MOST = 1000;
let older = [], hits = [], at = 0;

export async function openFind() {
  const chat = chatOf();
  if (!chat) return;
  byId("find").hidden = false;
  byId("find-words").focus();
  byId("find-words").select();
  older = [];
  const told = await attempt(() => command("messages", { chat: chat.key, limit: MOST }));
  if (chat !== chatOf() || byId("find").hidden) return;
  older = told ?? [];
  if (byId("find-words").value) find();
}

/** Leave the search; returns whether there was one. */
export function closeFind() {
  if (byId("find").hidden) return false;
  byId("find").hidden = true;
  field.focus();
  return true;
}

export function find() {
  const words = byId("find-words").value.trim().toLowerCase(), chat = chatOf();
  const first = chat.messages[0]?.message_id ?? Infinity;  // from here on the page itself knows best
  const all = [...older.filter((message) => message.message_id < first), ...chat.messages].reverse();
  const here = (message) => topicOf(chat, message) === state.open.topic;
  const said = (message) => [message.text, message.caption, richWords(message.rich_message?.blocks), gist(message)].join(" ").toLowerCase();
  hits = words ? all.filter((message) => here(message) && said(message).includes(words)).map(({ message_id }) => message_id) : [];
  at = 0;
  show(Boolean(words));
}

/** Go to an older hit (1) or a newer one (-1). */
function step(way) {
  if (!hits.length) return;
  at = (at + way + hits.length) % hits.length;
  show(true);
}

export const findOlder = () => step(1);
export const findNewer = () => step(-1);

function show(looking) {
  byId("found").textContent = looking ? `${hits.length ? at + 1 : 0} / ${hits.length}` : "";
  for (const id of ["find-older", "find-newer"]) byId(id).disabled = hits.length < 2;
  if (hits.length) jumpTo(hits[at]);
}

export function onFindKey(event) {
  if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
  else if (event.key === "ArrowUp") step(1);
  else if (event.key === "ArrowDown") step(-1);
  else return;
  event.preventDefault();
}
