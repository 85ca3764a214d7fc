// Completion of commands and mentions, and the list in which something is offered above the field.

import { paintWelcome } from "../chat/welcome.js";
import { faceOf } from "../look/avatar.js";
import { apart, byId, completion, el, field, span } from "../look/element.js";
import { account, chatOf, guestsOf, meIn, membersOf, nameOf } from "../model/chats.js";
import { command } from "../server.js";
import { fit } from "./write.js";

let choices = [], chosen = 0;

export async function fetchMenu() {
  const chat = chatOf(), me = chat && meIn(chat);
  if (!me) return;
  if (!chat.menus.has(me.id)) chat.menus.set(me.id, await command("commands", { chat: chat.key, user: me.id }).catch(() => []));
  if (!chatOf()) return;
  byId("slash").hidden = !chatOf().menus.get(meIn(chatOf())?.id)?.length;
  paintWelcome();
}

export function commandChoices(chat, begun) {
  const known = chat.menus.get(meIn(chat)?.id) ?? [];
  const fits = known.filter((one) => one.command.startsWith(begun.split("@")[0]));
  fits.sort((a, b) => (b.command === begun) - (a.command === begun));
  const suffix = (one) => (chat.type === "private" ? "" : `@${account(one.bot).username}`);
  const choice = (one, name = `/${one.command}`) =>
    ({ words: name + suffix(one), title: name, note: one.description, user: account(one.bot), whole: true, from: 0 });
  return fits.map((one) => choice(one));
}

export function mentionChoices(chat, begun) {
  const from = field.selectionStart - begun.length - 1, me = meIn(chat)?.id;
  const named = [...membersOf(chat), ...guestsOf(chat)].filter((user) => user.id !== me && user.username);
  const fits = named.filter((user) => `${user.username} ${nameOf(user)}`.toLowerCase().includes(begun));
  const choice = (user, name = `@${user.username}`) => ({ words: `${name} `, title: nameOf(user), note: name, user, whole: false, from });
  return fits.slice(0, 20).map((user) => choice(user));
}

/** Offer something; `first` is chosen until a key chooses another one, none where it is less than 0. */
export function offer(found, first = 0) {
  choices = found;
  chosen = first;
  if (!found.length) return closeCompletion();
  const line = (one, index) => el("li", { role: "option", id: `choice-${index}` },
    ...apart(faceOf(one.user), el("b", { class: "name" }, one.title), span("", one.note)));
  completion.replaceChildren(...found.map(line));
  completion.hidden = false;
  completion.scrollTop = 0;
  if (hasChoice()) moveChoice(0);
}

/** Tell whether one of those that are offered is chosen. */
export const hasChoice = () => !completion.hidden && chosen >= 0;

export function moveChoice(by) {
  chosen = chosen < 0 && by < 0 ? choices.length - 1 : (chosen + by + choices.length) % choices.length;
  [...completion.children].forEach((node, index) => node.setAttribute("aria-selected", String(index === chosen)));
  completion.children[chosen].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", `choice-${chosen}`);
}

export function closeCompletion() {
  completion.hidden = true;
  field.removeAttribute("aria-activedescendant");
}

/** Choose one of those that are offered. */
export function choose(index) {
  chosen = index;
}

/** Put what is chosen into the field; true: it is all there is to say, and may be sent. */
export function complete(now) {
  const choice = choices[chosen];
  closeCompletion();
  if (choice.act) { choice.act(); return false; }
  if (choice.whole && now) { field.value = choice.words; return true; }
  field.setRangeText(choice.words + (choice.whole ? " " : ""), choice.from, field.selectionStart, "end");
  field.focus();
  fit();
  return false;
}
