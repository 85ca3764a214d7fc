// As whom the reader writes.

import { openChat, startPrivate } from "../chat/open.js";
import { editPerson, newPerson } from "./new.js";
import { faceOf } from "../look/avatar.js";
import { byId } from "../look/element.js";
import { openMenu } from "../look/menu.js";
import { botOf, chatOf, keepChat, meIn, nameOf, people, personsOf } from "../model/chats.js";
import { state } from "../model/state.js";
import { attempt, command } from "../server.js";
import { t } from "../words.js";

export function openWriteAs() {
  const chat = chatOf(), me = meIn(chat)?.id;
  const persons = chat.type === "private" ? people() : personsOf(chat);
  const item = (user) => ({ label: nameOf(user), face: faceOf(user), checked: user.id === me, act: () => writeAs(chat, user) });
  const items = persons.map(item);
  items.push({ label: t("new_person"), icon: "person", act: () => newPerson((user) => joinAndWrite(chat, user)) });
  if (me) items.push({ label: t("edit_person"), icon: "edit", act: () => editPerson(meIn(chat)) });
  openMenu(byId("me"), items);
}

function writeAs(chat, user) {
  if (chat.type === "private") return attempt(() => startPrivate(botOf(chat), user));
  chat.me = user.id;
  openChat(chat.key, state.open.topic);
}

async function joinAndWrite(chat, user) {
  if (chat.type !== "private") keepChat(await command("add_member", { chat: chat.key, user: user.id }));
  return writeAs(chat, user);
}
