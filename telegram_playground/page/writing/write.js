// Writing: the field, and what was written, which leaves in order.

import { showEnd } from "../chat/messages.js";
import { follow } from "../chat/scroll.js";
import { byId, field } from "../look/element.js";
import { account, chatOf, guestsOf, meIn } from "../model/chats.js";
import { state } from "../model/state.js";
import { attempt, command } from "../server.js";

export function fit() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
  byId("send").disabled = !field.value.trim() && !state.waiting.length && byId("recording").hidden;
  if (state.stuck) follow();
}

export function insertWords(words) {
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input"));
}

let sending = Promise.resolve();  // what was written leaves in order

export function queue(work) {
  sending = sending.then(() => attempt(work));
}

export const ends = () => ({ chat: state.open.chat, user: meIn(chatOf())?.id, topic: state.open.topic || undefined });

/** Write a text into the open chat, as the person chosen there. */
export function write(text, answering = null, entities = []) {
  const to = ends(), reply = answering ? { reply_to: answering.message.message_id, quote: answering.quote } : {};
  const guest = guestIn(chatOf(), text);
  showEnd();
  if (guest) return queue(() => command("guest", { chat: to.chat, user: to.user, bot: guest.id, text }));
  if (isUnseen(chatOf(), text)) return queue(() => command("write", { ...to, text, unseen: true }));
  queue(() => command("write", { ...to, text, entities, ...reply }));
}

/** Tell whether a text is a command that its bot alone is to see, as it says in the menu. */
function isUnseen(chat, text) {
  const name = /^\/(\w+)(?:@(\w+))?(?:\s|$)/.exec(text);
  if (!name || !["group", "supergroup"].includes(chat.type)) return false;
  const of = (one) => !name[2] || account(one.bot).username?.toLowerCase() === name[2].toLowerCase();
  return (chat.menus.get(meIn(chat)?.id) ?? []).some((one) => one.is_ephemeral && one.command === name[1] && of(one));
}

/** Return the bot that a text in a group calls though it is no member. */
function guestIn(chat, text) {
  if (chat.type === "private") return null;
  const named = new Set([...text.matchAll(/@(\w+)/g)].map((match) => match[1].toLowerCase()));
  return guestsOf(chat).find((bot) => named.has(bot.username?.toLowerCase())) ?? null;
}
