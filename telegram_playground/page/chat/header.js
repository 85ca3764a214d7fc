// The head of the open chat: its title, who types, what is pinned.

import { chatFace } from "../look/avatar.js";
import { apart, byId, div, dotted, el, span } from "../look/element.js";
import { gist } from "../message/media.js";
import { botOf, chatOf, findMessage, hasTopics, membersOf, titleOf, topicName } from "../model/chats.js";
import { state } from "../model/state.js";
import { paintChats, typingWords } from "../side/chat_list.js";
import { t } from "../words.js";

export function paintActivity() {
  paintChats();
  if (chatOf()) paintSubtitle();
}

export function paintHeader() {
  const chat = chatOf();
  byId("title").textContent = chat ? titleOf(chat) : "Playground";
  byId("face").replaceChildren(...(chat ? [chatFace(chat, { small: true })] : []));
  for (const id of ["details", "find-open"]) byId(id).hidden = !chat;
  byId("address").textContent = location.host;
  paintSubtitle();
}

function paintSubtitle() {
  const chat = chatOf(), subtitle = byId("subtitle");
  const typing = chat ? typingWords(chat, state.open.topic ?? undefined) : "";
  subtitle.classList.toggle("busy", Boolean(typing));
  subtitle.textContent = typing || (chat ? subtitleOf(chat) : "");
}

function subtitleOf(chat) {
  if (chat.type === "private") return dotted([t("bot"), `@${botOf(chat).username ?? ""}`]);
  const parts = [t("members_n", { n: membersOf(chat).length })];
  if (hasTopics(chat)) parts.unshift(topicName(chat, state.open.topic));
  return dotted(parts);
}

export function paintPinned() {
  const chat = chatOf(), strip = byId("pinned"), message = findMessage(chat, chat.pinned?.at(-1));
  strip.hidden = !message;
  if (!message) return;
  strip.replaceChildren(div("", ...apart(el("b", {}, t("pinned")), span("name", gist(message)))));
  strip.dataset.to = message.message_id;
}
