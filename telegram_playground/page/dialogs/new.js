// What is made by hand: a person, a chat, a topic.

import { openChat, startPrivate } from "../chat/open.js";
import { faceOf } from "../look/avatar.js";
import { checkbox, closeButton, group, labelled, openDialog, option, slim, strongButton, tab } from "../look/dialog.js";
import { div, el } from "../look/element.js";
import { keepChat, nameOf, people } from "../model/chats.js";
import { settleReading } from "../model/reading.js";
import { bots, users } from "../model/state.js";
import { command } from "../server.js";
import { language, t } from "../words.js";

export function newPerson(then) {
  const first = el("input", { required: true, maxlength: 64 }), last = el("input", { maxlength: 64 });
  const username = el("input", { pattern: "[A-Za-z][A-Za-z0-9_]{2,31}" });
  const speaks = el("select", {}, ...["en", "ru", "de", "es", "uk"].map((code) => option(code, code, code === language)));
  const make = async () => {
    const names = { first_name: first.value, last_name: last.value || undefined, username: username.value || undefined };
    const user = await command("add_user", { ...names, language: speaks.value });
    users.set(user.id, user);
    await then(user);
  };
  const fields = Object.entries({ first_name: first, last_name: last, username, language: speaks });
  openDialog(t("new_person"), fields.map(([name, input]) => labelled(t(name), input)), [closeButton(t("cancel")), strongButton(t("create"))], make);
  first.focus();
}

export function newChat() {
  let kind = "private";
  const tabs = el("div", { class: "tabs", role: "tablist" }), content = el("div");
  let plain = false;
  const title = el("input", { maxlength: 128 }), basic = checkbox(t("basic"), false, (on) => { plain = on; });
  const bot = el("select", {}, ...[...bots.values()].map((one) => option(one.id, nameOf(one))));
  const person = el("select", {}, ...people().map((user) => option(user.id, nameOf(user))));
  const persons = checks(people()), machines = checks([...bots.values()]);
  const draw = () => {
    tabs.replaceChildren(...["private", "group", "forum"].map((name) => tab(name, name === kind, () => { kind = name; draw(); })));
    if (kind === "private") content.replaceChildren(labelled(t("bot"), bot), labelled(t("write_as"), person));
    else content.replaceChildren(labelled(t("title"), title), group(t("members"), persons), group(t("bots"), machines),
      ...(kind === "group" ? [basic] : []));
  };
  draw();
  const make = () => {
    if (kind === "private") return startPrivate(bots.get(Number(bot.value)), users.get(Number(person.value)));
    const more = { forum: kind === "forum", kind: kind === "group" && plain ? "group" : "supergroup" };
    return makeGroup(title.value, persons.chosen(), machines.chosen(), more);
  };
  const another = slim(`${t("new_person")}…`, () => newPerson(() => setTimeout(newChat)));
  openDialog(t("new_chat"), [tabs, content, div("", another)], [closeButton(t("cancel")), strongButton(t("create"))], make);
}

function checks(accounts) {
  const chosen = new Set(accounts.map((one) => one.id));
  const change = (id) => (on) => (on ? chosen.add(id) : chosen.delete(id));
  const node = div("", ...accounts.map((one) => checkbox(nameOf(one), true, change(one.id), faceOf(one))));
  return Object.assign(node, { chosen: () => [...chosen] });
}

async function makeGroup(title, members, machines, more) {
  const chat = keepChat(await command("add_group", { title: title.trim() || t("group"), members, bots: machines, ...more }));
  settleReading(chat);
  openChat(chat.key);
}

export function newTopic(chat) {
  const name = el("input", { required: true, maxlength: 128 });
  const make = async () => {
    const known = new Set(chat.topics.map((topic) => topic.message_thread_id));
    const changed = keepChat(await command("add_topic", { chat: chat.key, name: name.value }));
    openChat(chat.key, changed.topics.find((topic) => !known.has(topic.message_thread_id))?.message_thread_id);
  };
  openDialog(t("add_topic"), [labelled(t("title"), name)], [closeButton(t("cancel")), strongButton(t("create"))], make);
  name.focus();
}
