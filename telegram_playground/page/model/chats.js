// Chats, their topics, members and messages.

import { bots, chats, state, users } from "./state.js";
import { t } from "../words.js";

export const GENERAL = 0;  // the topic of a forum that has no thread id
export const chatOf = () => chats.get(state.open.chat);
export const place = (key, topic) => `${key}/${topic ?? ""}`;
export const hasTopics = (chat) => chat.is_forum || chat.topics.length > 0;
export const topicOf = (chat, item) => (hasTopics(chat) ? item.message_thread_id ?? GENERAL : null);
export const topicName = (chat, topic) => chat.topics.find((one) => one.message_thread_id === topic)?.name ?? t("general");
export const account = (id) => bots.get(id) ?? users.get(id) ?? { id, first_name: String(id) };
export const nameOf = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ") || String(user.id);
export const people = () => [...users.values()].filter((user) => !user.is_bot && !bots.has(user.id));
export const present = (member) => ["creator", "administrator", "member"].includes(member.status);
export const membersOf = (chat) => chat.members.filter(present).map((member) => account(member.user));
export const personsOf = (chat) => membersOf(chat).filter((user) => !bots.has(user.id));
export const botOf = (chat) => account(chat.bots[0]);
export const guestsOf = (chat) => [...bots.values()].filter((bot) => bot.supports_guest_queries && !membersOf(chat).includes(bot));
export const titleOf = (chat) => (chat.type === "private" ? nameOf(botOf(chat)) : chat.title);

/** Who the reader is in a chat: the user of a private one; in a group whom he chose to write as, or was last. */
export function meIn(chat) {
  const persons = personsOf(chat), is = (id) => persons.find((user) => user.id === id);
  return is(chat.me) ?? is(state.lastMe) ?? persons[0] ?? null;
}

/** Take in a chat as the server tells it; keeps what the page knows beside it. */
export function keepChat(told) {
  const { messages, drafts, more, ...facts } = told;
  const empty = { messages: [], drafts: new Map(), more: false, typing: new Map(), written: new Map(), menus: new Map() };
  const chat = chats.get(told.key) ?? empty;
  Object.assign(chat, facts);
  if (messages) Object.assign(chat, { messages, more, drafts: new Map(drafts.map((draft) => [draftKey(draft), draft])) });
  chats.set(chat.key, chat);
  return chat;
}

export const draftKey = (draft) => `draft/${draft.bot}/${draft.message_thread_id ?? ""}`;

/** Find a message's position in an array that is sorted by id; where it is missing, the complement of where it would be. */
export function seek(messages, id) {
  let low = 0, high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].message_id < id) low = middle + 1; else high = middle;
  }
  return messages[low]?.message_id === id ? low : ~low;
}

export const findMessage = (chat, id) => { const at = seek(chat.messages, id); return at < 0 ? null : chat.messages[at]; };

export function lastIn(chat, topic) {
  for (let at = chat.messages.length - 1; at >= 0; at--) {
    if (topic === undefined || topicOf(chat, chat.messages[at]) === topic) return chat.messages[at];
  }
  return null;
}
