// Opening a chat, and leaving it.

import { closeFind } from "./find.js";
import { paintHeader } from "./header.js";
import { markRead, showList, showNothing } from "./messages.js";
import { paintWelcome } from "./welcome.js";
import { paintGlass } from "../glass/glass.js";
import { app, field } from "../look/element.js";
import { GENERAL, hasTopics, keepChat, meIn, people } from "../model/chats.js";
import { remembered, settleReading } from "../model/reading.js";
import { bots, chats, state, users } from "../model/state.js";
import { attempt, command } from "../server.js";
import { paintChats } from "../side/chat_list.js";
import { language, t } from "../words.js";
import { fetchMenu } from "../writing/completion.js";
import { keepWords, paintComposer } from "../writing/composer.js";
import { write } from "../writing/write.js";

export function openChat(key, topic) {
  const chat = chats.get(key);
  if (topic === undefined || (topic === null) === hasTopics(chat)) topic = hasTopics(chat) ? GENERAL : null;
  closeFind();
  keepWords();
  state.open = { chat: key, topic };
  if (chat.type === "private") state.lastMe = meIn(chat)?.id;
  showList();
  app.dataset.pane = "chat";
  state.context = null;
  paintChats();
  paintHeader();
  paintComposer();
  paintGlass();
  fetchMenu();
  markRead();
  field.focus();
}

export function leaveChat() {
  closeFind();
  state.open = { chat: null, topic: null };
  showNothing();
  for (const paint of [paintChats, paintHeader, paintComposer, paintWelcome]) paint();
}

/** After a snapshot: open the chat that was open, or any; with a bot and no chat, make one; without a bot say how to get one. */
export async function arrive() {
  const wish = state.open.chat ? state.open : remembered();
  const chat = chats.get(wish.chat) ?? [...chats.values()].find((one) => one.type === "private") ?? [...chats.values()][0];
  if (chat) openChat(chat.key, chat.key === wish.chat ? wish.topic : undefined);
  else if (bots.size) await attempt(() => startPrivate([...bots.values()][0]));
  else leaveChat();
}

/** Open the private chat of a bot and a person, and begin it as the bot's link does. */
export async function startWith(bot, user, parameter) {
  openChat(keepChat(await command("private", { user, bot: bot.id })).key);
  write(parameter === undefined ? "/start" : `/start ${parameter}`);
}

let starting = false;

/** Open the private chat of a bot and a person; the person is made where there is none. */
export async function startPrivate(bot, person = people()[0]) {
  if (starting) return;
  starting = true;
  try {
    const user = person ?? await command("add_user", { first_name: t("you"), language });
    users.set(user.id, user);
    const chat = keepChat(await command("private", { user: user.id, bot: bot.id }));
    settleReading(chat);
    openChat(chat.key);
  } finally {
    starting = false;
  }
}
