// What a chat is, who is in it, and what may be done about that.

import { faceOf } from "../look/avatar.js";
import { closeButton, group, openDialog, option, slim, switchLine } from "../look/dialog.js";
import { app, apart, dialog, div, dotted, el, span } from "../look/element.js";
import { account, botOf, chatOf, keepChat, membersOf, nameOf, people, present, titleOf } from "../model/chats.js";
import { bots } from "../model/state.js";
import { attempt, command } from "../server.js";
import { save, t } from "../words.js";

export function openDetails() {
  const chat = chatOf();
  const change = (name, more) => attempt(async () => { keepChat(await command(name, { chat: chat.key, ...more })); draw(); });
  const draw = () => {
    const content = chat.type === "private" ? privateDetails(chat, change) : groupDetails(chat, change);
    const keep = div("filters", ...apart(slim(t("save_as_test"), () => attempt(() => saveAsTest(chat))), slim(t("save_cassette"), () => attempt(saveCassette))));
    openDialog(titleOf(chat), [...content, keep], [closeButton()]);
    dialog.repaint = draw;
  };
  draw();
}

/** Give the reader a file that does in pytest what was done here by hand. */
async function saveAsTest(chat) {
  const { name, text } = await command("save_as_test", { chat: chat.key });
  keepFile(name, text, "text/x-python");
}

/** Give the reader what was done in all chats, to be played again by telegram-playground replay. */
async function saveCassette() {
  keepFile("cassette.json", JSON.stringify(await command("cassette"), null, 1), "application/json");
}

function keepFile(name, text, type) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

function quote(on) {
  save("quoting", on ? "yes" : "no");
  app.classList.toggle("quoting", on);
}

function privateDetails(chat, change) {
  const bot = botOf(chat), name = chat.blocked ? "unblock" : "block";
  return [div("dim", dotted([`@${bot.username ?? ""}`, String(bot.id), chat.key])), div("", slim(t(name), () => change(name))),
    switchLine(t("quoting"), app.classList.contains("quoting"), quote)];
}

function groupDetails(chat, change) {
  const outside = [...people(), ...bots.values()].filter((user) => !membersOf(chat).some((one) => one.id === user.id));
  const newcomer = el("select", { "aria-label": t("add_member") }, ...outside.map((user) => option(user.id, nameOf(user), user.id === chat.newcomer)));
  newcomer.addEventListener("change", () => { chat.newcomer = Number(newcomer.value); });
  const line = (member) => {
    const user = account(member.user), admin = member.status !== "member";
    const act = (name, words = name) => slim(t(words), () => change(name, { user: user.id }));
    const buttons = member.status === "creator" ? [] : [act(admin ? "demote" : "promote"), act("remove_member", "remove")];
    return el("li", {}, ...apart(faceOf(user), span("name", nameOf(user)), admin ? span("dim", member.status) : null, ...buttons));
  };
  const topic = ({ name, is_closed, message_thread_id }) => {
    const act = is_closed ? "reopen_topic" : "close_topic";
    return el("li", {}, ...apart(span("name", name), slim(t(act), () => change(act, { message_thread_id }))));
  };
  const add = slim(t("add"), () => change("add_member", { user: Number(newcomer.value) }));
  const members = el("ul", { class: "people" }, ...chat.members.filter(present).map(line));
  const content = [div("dim", dotted([chat.type, String(chat.id)])), members];
  if (outside.length) content.push(div("filters people-add", newcomer, add));
  if (chat.topics.length) content.push(group(t("topics"), el("ul", { class: "people" }, ...chat.topics.map(topic))));
  if (chat.type === "group" && !chat.migrated_to) content.push(div("", slim(t("migrate"), () => change("migrate"))));
  return content;
}
