// What an empty chat shows, and a page without a bot.

import { connectNode } from "./connect.js";
import { byId, div, el, list } from "../look/element.js";
import { chatOf, meIn, titleOf } from "../model/chats.js";
import { bots, state } from "../model/state.js";
import { t } from "../words.js";

export function paintWelcome() {
  const chat = chatOf(), welcome = byId("welcome");
  welcome.hidden = Boolean(chat && (state.view.messages.length || chat.drafts.size));
  list.hidden = !welcome.hidden;
  if (welcome.hidden) return;
  welcome.replaceChildren(chat ? emptyCard(chat) : connectCard());
}

function emptyCard(chat) {
  const begin = (words) => el("button", { type: "button", class: "chip" }, words);
  if (chat.type !== "private") return div("card", el("p", { class: "dim" }, t("starting")));
  return div("card", el("h2", { class: "name" }, titleOf(chat)), el("p", { class: "dim" }, t("hint")),
    div("starters", ...starters(chat).map(begin)));
}

/** What any bot understands, and a few of the commands that this one has registered. */
function starters(chat) {
  const commands = (chat.menus.get(meIn(chat)?.id) ?? []).map(({ command }) => `/${command}`);
  return [...new Set(["/start", ...commands])].slice(0, 4);
}

function connectCard() {
  if (bots.size) return div("card", el("p", { class: "dim" }, t("no_chat")));
  return div("card", el("h2", {}, t("no_bots")), el("p", { class: "dim" }, t("connect")), connectNode(),
    el("p", { class: "dim" }, t("connecting")));
}
