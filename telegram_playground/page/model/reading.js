// What the reader has read, kept over a reload.

import { GENERAL, hasTopics, meIn, place, topicOf } from "./chats.js";
import { state } from "./state.js";

export const reading = restoreReading();  // place -> the last message that was read

function restoreReading() {
  try { return new Map(JSON.parse(sessionStorage.getItem("reading") ?? "[]")); } catch { return new Map(); }
}

export function remember() {
  try {
    sessionStorage.setItem("reading", JSON.stringify([...reading]));
    sessionStorage.setItem("open", JSON.stringify(state.open));
  } catch { /* private windows may refuse */ }
}

export function remembered() {
  try { return JSON.parse(sessionStorage.getItem("open")) ?? {}; } catch { return {}; }
}

export function unread(chat, topic) {
  const me = meIn(chat)?.id;
  let count = 0;
  for (let at = chat.messages.length - 1; at >= 0; at--) {
    const message = chat.messages[at], where = topicOf(chat, message);
    if (topic !== undefined && where !== topic) continue;
    if (message.message_id > (reading.get(place(chat.key, where)) ?? Infinity)) count += message.from?.id === me ? 0 : 1;
    else if (topic !== undefined || !hasTopics(chat)) break;
  }
  return count;
}

/** Whatever was said before the page came counts as read, unless the page remembers better. */
export function settleReading(chat) {
  const tops = new Map([[hasTopics(chat) ? GENERAL : null, 0], ...chat.topics.map((topic) => [topic.message_thread_id, 0])]);
  for (const message of chat.messages) tops.set(topicOf(chat, message), message.message_id);
  for (const [topic, top] of tops) {
    const name = place(chat.key, topic);
    if (!(reading.get(name) <= top)) reading.set(name, top);
  }
}
