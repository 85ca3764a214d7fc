// What is made by hand: a person, a chat, a topic.

import { openChat, startPrivate } from "../chat/open.js";
import { faceOf } from "../look/avatar.js";
import { checkbox, closeButton, group, labelled, openDialog, option, slim, strongButton, tabs } from "../look/dialog.js";
import { div, el } from "../look/element.js";
import { keepChat, nameOf, people } from "../model/chats.js";
import { settleReading } from "../model/reading.js";
import { bots, users } from "../model/state.js";
import { command } from "../server.js";
import { language, t } from "../words.js";

/** Make a person, and go on with them; `back`: what is shown again if the reader does not. */
export function newPerson(then, back = null) {
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
  const cancel = back ? closeButton(t("cancel"), back) : closeButton(t("cancel"));
  openDialog(t("new_person"), fields.map(([name, input]) => labelled(t(name), input)), [cancel, strongButton(t("create"))], make, back);
  first.focus();
}

/** Change who somebody is. */
export function editPerson(user) {
  const first = el("input", { required: true, maxlength: 64, value: user.first_name });
  const last = el("input", { maxlength: 64, value: user.last_name ?? "" });
  const codes = [...new Set([user.language_code ?? "", "en", "ru", "de", "es", "uk"])];
  const speaks = el("select", {}, ...codes.map((code) => option(code, code || "–", code === (user.language_code ?? ""))));
  const change = () => command("edit_user", { user: user.id, first_name: first.value, last_name: last.value, language: speaks.value });
  const fields = Object.entries({ first_name: first, last_name: last, language: speaks });
  openDialog(t("edit_person"), fields.map(([name, input]) => labelled(t(name), input)), [closeButton(t("cancel")), strongButton(t("ok"))], change);
  first.focus();
}

const BLANK = { kind: "private", title: "", plain: false, bot: null, person: null };

/** Make a chat. `form` is what was filled in before; nobody is left `out` of a group unless the reader says so. */
export function newChat(form = { ...BLANK, out: new Set() }) {
  const kinds = el("div", { class: "tabs", role: "tablist" }), content = el("div");
  const title = el("input", { maxlength: 128, value: form.title, oninput: () => { form.title = title.value; } });
  const basic = checkbox(t("basic"), form.plain, (on) => { form.plain = on; });
  const bot = choice(form, "bot", [...bots.values()]), person = choice(form, "person", people());
  const draw = () => {
    tabs(kinds, ["private", "group", "forum"], form.kind, (name) => { form.kind = name; draw(); });
    if (form.kind === "private") content.replaceChildren(labelled(t("bot"), bot), labelled(t("write_as"), person));
    else content.replaceChildren(labelled(t("title"), title), group(t("members"), checks(people(), form.out)),
      group(t("bots"), checks([...bots.values()], form.out)), ...(form.kind === "group" ? [basic] : []));
  };
  draw();
  const make = () => {
    if (form.kind === "private") return startPrivate(bots.get(Number(bot.value)), users.get(Number(person.value)));
    const more = { forum: form.kind === "forum", kind: form.kind === "group" && form.plain ? "group" : "supergroup" };
    const chosen = (accounts) => accounts.map(({ id }) => id).filter((id) => !form.out.has(id));
    return makeGroup(form.title, chosen(people()), chosen([...bots.values()]), more);
  };
  const again = () => newChat(form), chosen = (user) => { form.person = user.id; again(); };
  const another = slim(`${t("new_person")}…`, () => newPerson(chosen, again));
  openDialog(t("new_chat"), [kinds, content, div("", another)], [closeButton(t("cancel")), strongButton(t("create"))], make);
}

/** A select that keeps in a form which account was chosen. */
function choice(form, name, accounts) {
  const node = el("select", {}, ...accounts.map((one) => option(one.id, nameOf(one), one.id === form[name])));
  node.addEventListener("change", () => { form[name] = Number(node.value); });
  return node;
}

function checks(accounts, out) {
  const change = (id) => (on) => (on ? out.delete(id) : out.add(id));
  return div("", ...accounts.map((one) => checkbox(nameOf(one), !out.has(one.id), change(one.id), faceOf(one))));
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
