// What happens, as the server tells it.

import { paintDrafts } from "./chat/drafts.js";
import { paintActivity, paintHeader } from "./chat/header.js";
import { addMessage, changeMessage, paintRead, removeMessage } from "./chat/messages.js";
import { arrive } from "./chat/open.js";
import { paintCall, paintNotSimulated } from "./glass/calls.js";
import { paintGlass } from "./glass/glass.js";
import { endGrowth, noteGrowth, startGrowth } from "./glass/growth.js";
import { paintFindings } from "./glass/lint.js";
import { keepMeters } from "./glass/limits.js";
import { paintFaults } from "./glass/trouble.js";
import { dialog } from "./look/element.js";
import { pressed, pressName, showCallback } from "./message/key.js";
import { chatOf, draftKey, findMessage, keepChat, place, seek, topicOf } from "./model/chats.js";
import { reading, settleReading } from "./model/reading.js";
import { bots, calls, chats, meters, state, users } from "./model/state.js";
import { paintChats } from "./side/chat_list.js";
import { fetchMenu } from "./writing/completion.js";
import { keepAnswers, paintComposer, setContext } from "./writing/composer.js";

const MAX_CALLS = 500;
let moves = 0;  // counts messages: the dates have only whole seconds

/** Take in an event; what this page does not know is passed over. */
export function happened(event) {
  if (Object.hasOwn(EVENTS, event.type)) EVENTS[event.type](event);
}

const EVENTS = {
  snapshot(event) {
    state.skew = performance.now() / 1000 - event.now;
    state.options = event.options;
    state.faults = event.faults;
    state.notSimulated = event.not_simulated;
    state.findings = event.findings;
    const before = new Map(chats);
    for (const map of [bots, users, chats, meters, calls]) map.clear();
    event.bots.forEach((bot) => bots.set(bot.id, bot));
    event.users.forEach((user) => users.set(user.id, user));
    event.chats.forEach((told) => {
      const chat = keepChat(told);
      chat.me = before.get(chat.key)?.me;
      settleReading(chat);
      chat.messages.forEach((message) => keepAnswers(chat, message));
    });
    event.calls.forEach((call) => calls.set(call.id, call));
    keepMeters(event.meters, event.now);
    arrive();
    paintGlass();
  },
  reset() {
    state.notSimulated = {};
    state.findings = [];
    for (const map of [users, chats, meters, calls]) map.clear();
    arrive();
    paintGlass();
  },
  bot({ bot }) {
    const known = bots.has(bot.id);
    bots.set(bot.id, bot);
    if (!known && !chatOf()) arrive();
    paintChats();
    paintHeader();
    if (state.glassTab === "trouble") paintGlass();
  },
  user({ user }) {
    users.set(user.id, user);
    paintChats();
    paintComposer();
  },
  chat({ chat: told }) {
    const known = chats.has(told.key), chat = keepChat(told);
    if (!known) settleReading(chat);
    paintChats();
    if (chat !== chatOf()) return;
    paintHeader();
    paintComposer();
    if (dialog.open) dialog.repaint?.();
  },
  message({ chat: key, message, time }) {
    const chat = chats.get(key);
    if (!chat || findMessage(chat, message.message_id)) return;
    chat.messages.splice(~seek(chat.messages, message.message_id), 0, message);
    chat.moved = (moves += 1);
    chat.typing.delete(message.from?.id);
    if (message.from?.is_bot) startGrowth(chat, `message/${message.message_id}`, time, message);
    keepAnswers(chat, message);
    const name = place(key, topicOf(chat, message));
    if (!reading.has(name)) reading.set(name, message.message_id - 1);
    if (chat === chatOf()) addMessage(chat, message);
    paintActivity();
  },
  edit({ chat: key, message, time }) {
    const chat = chats.get(key), known = chat && findMessage(chat, message.message_id);
    if (!known) return;
    for (const name of Object.keys(known)) delete known[name];
    Object.assign(known, message);
    if (message.from?.is_bot) noteGrowth(chat, `message/${message.message_id}`, time, message);
    if (chat === chatOf()) changeMessage(known);
    paintChats();
  },
  read({ chat: key, message_id }) {
    const chat = chats.get(key), message = chat && findMessage(chat, message_id);
    if (!message) return;
    message.read = true;
    if (chat === chatOf()) paintRead(message);
  },
  delete({ chat: key, message_id }) {
    const chat = chats.get(key), index = chat ? seek(chat.messages, message_id) : -1;
    if (index < 0) return;
    chat.messages.splice(index, 1);
    if (chat === chatOf()) removeMessage(message_id);
    if (chat === chatOf() && state.context?.message.message_id === message_id) setContext(null);
    paintChats();
  },
  draft({ chat: key, draft, time }) {
    const chat = chats.get(key);
    if (!chat) return;
    const name = draftKey(draft), known = chat.drafts.get(name);
    chat.drafts.set(name, draft);
    chat.typing.delete(draft.bot);
    if (known?.draft_id === draft.draft_id) noteGrowth(chat, `draft/${draft.draft_id}`, time);
    else startGrowth(chat, `draft/${draft.draft_id}`, time);
    if (chat === chatOf()) paintDrafts();
    paintActivity();
  },
  clear({ chat: key, bot, draft_id, message_thread_id }) {
    const chat = chats.get(key);
    if (chat) endGrowth(chat, `draft/${draft_id}`);
    chat?.drafts.delete(draftKey({ bot, message_thread_id }));
    if (chat && chat === chatOf()) paintDrafts();
    paintChats();
  },
  action({ chat: key, bot, action, message_thread_id }) {
    const chat = chats.get(key);
    if (!chat) return;
    const shown = { action, topic: topicOf(chat, { message_thread_id }) };
    chat.typing.set(bot, shown);
    setTimeout(() => { if (chat.typing.get(bot) === shown) { chat.typing.delete(bot); paintActivity(); } }, 5000);
    paintActivity();
  },
  callback({ chat, user, message_id, answer }) {
    const name = pressName(chat, user, message_id), key = pressed.get(name);
    if (!key) return;
    pressed.delete(name);
    key.classList.remove("busy");
    showCallback(answer);
  },
  reaction({ chat: key, message_id, reactions }) {
    const chat = chats.get(key), message = chat && findMessage(chat, message_id);
    if (!message) return;
    message.reactions = reactions;
    if (chat === chatOf()) changeMessage(message);
  },
  commands() {
    for (const chat of chats.values()) chat.menus.clear();
    fetchMenu();
  },
  call({ call }) {
    calls.set(call.id, call);
    if (calls.size > MAX_CALLS) calls.delete(calls.keys().next().value);
    if (state.glassTab === "calls") paintCall(call);
  },
  not_simulated({ not_simulated: counted }) {
    state.notSimulated = counted;
    if (state.glassTab === "calls") paintNotSimulated();
  },
  finding({ finding }) {
    const index = state.findings.findIndex((known) => known.id === finding.id);
    state.findings.splice(index < 0 ? state.findings.length : index, index < 0 ? 0 : 1, finding);
    if (state.glassTab === "lint") paintFindings();
  },
  clock({ time }) {
    state.skew = performance.now() / 1000 - time;
  },
  meters({ meters: changed, time }) {
    keepMeters(changed, time);
  },
  options(event) {
    state.options = event.options;
    if (state.glassTab === "trouble") paintGlass();
  },
  faults(event) {
    state.faults = event.faults;
    if (state.glassTab === "trouble") paintFaults();
  },
};
