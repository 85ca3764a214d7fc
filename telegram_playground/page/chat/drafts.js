// Drafts of the open chat.

import { follow } from "./scroll.js";
import { clickable, div, el, list } from "../look/element.js";
import { bodyNodes, repaint } from "../message/message.js";
import { chatOf, meIn, topicOf } from "../model/chats.js";
import { state } from "../model/state.js";
import { attempt, command } from "../server.js";
import { grow } from "../text/growing.js";
import { t } from "../words.js";

export function paintDrafts() {
  const chat = chatOf();
  const drafts = [...chat.drafts].filter(([, draft]) => topicOf(chat, draft) === state.open.topic);
  for (const node of list.querySelectorAll(".draft")) if (!drafts.some(([name]) => name === node.dataset.draft)) node.remove();
  for (const [name, draft] of drafts) {
    let node = [...list.querySelectorAll(".draft")].find((one) => one.dataset.draft === name);
    if (!node) list.append((node = draftNode(name)));
    const thinking = () => div("", el("span", { class: "thinking", "data-kind": "thinking" }, t("thinking")));
    const stoppable = draft.can_stop && !draft.stopped;
    grow(node.querySelector(".body"), draft.text || draft.rich_message ? bodyNodes(draft) : thinking());
    repaint(node, "keyboard", [stoppable, draft.draft_id], () => (stoppable ? [stopRow(chat, draft)] : []));
  }
  follow();
}

function draftNode(name) {
  const bubble = div("bubble", el("div", { class: "body", dir: "auto" }));
  const line = div("line", bubble, div("keyboard")), node = el("li", { class: "message draft first last", "data-draft": name }, line);
  node.painted = {};
  return node;
}

function stopRow(chat, draft) {
  const which = { chat: chat.key, user: meIn(chat).id, draft_id: draft.draft_id, topic: draft.message_thread_id };
  const stop = () => attempt(() => command("stop_draft", which));
  return div("", clickable("key", stop, t("draft_stop")));
}
