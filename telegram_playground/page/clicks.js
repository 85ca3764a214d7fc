// What a click on a message, on the card of an empty chat, or on a row of the list of chats does.

import { jumpTo } from "./chat/messages.js";
import { openChat, startPrivate } from "./chat/open.js";
import { openForward } from "./dialogs/forward.js";
import { newTopic } from "./dialogs/new.js";
import { byId, el, list } from "./look/element.js";
import { closeMenu, openMenu } from "./look/menu.js";
import { signName } from "./look/signs.js";
import { copy } from "./look/toast.js";
import { richWords } from "./message/media.js";
import { react } from "./message/message.js";
import { chatOf, findMessage, meIn } from "./model/chats.js";
import { bots, chats, state } from "./model/state.js";
import { attempt, command } from "./server.js";
import { t } from "./words.js";
import { setContext } from "./writing/composer.js";
import { insertWords, write } from "./writing/write.js";

const EMOJIS = ["👍", "❤️", "🔥", "😁", "🤔", "👎"];

function openMessageMenu(message, owner, point = null) {
  const chat = chatOf(), me = meIn(chat)?.id, own = message.from?.id === me, quote = quoteIn(message);
  const words = message.text ?? message.caption ?? richWords(message.rich_message?.blocks);
  const emoji = (sign) => {
    const onclick = () => { closeMenu(); react(message, sign); };
    return el("button", { type: "button", role: "menuitem", "aria-label": t("react", { emoji: `${sign} ${signName(sign)}` }), title: signName(sign), onclick }, sign);
  };
  const remove = () => attempt(() => command("delete", { chat: chat.key, user: me, message_id: message.message_id }));
  const items = [el("div", { class: "emojis", role: "none" }, ...EMOJIS.map(emoji)),
    { label: t("reply"), icon: "reply", act: () => setContext({ kind: "reply", message, quote }) }];
  if (me && !message.has_protected_content) items.push({ label: t("forward"), icon: "forward", act: () => openForward(message) });
  if (words) items.push({ label: t("copy"), icon: "copy", act: () => copy(quote ?? words) });
  if (own && words) items.push({ label: t("edit"), icon: "edit", act: () => setContext({ kind: "edit", message }) });
  items.push({ label: t("delete"), icon: "bin", bad: true, act: remove });
  openMenu(owner, items, point);
}

/** Return the part of a message that is selected, to be quoted. */
function quoteIn(message) {
  const selection = getSelection(), node = state.view.nodes.get(message.message_id);
  const words = selection.isCollapsed || !node?.contains(selection.anchorNode) ? "" : selection.toString().trim();
  return words && (message.text ?? message.caption ?? "").includes(words) ? words : undefined;
}

/** The message to which an element belongs; null for a draft. */
function messageAt(target) {
  const id = target.closest(".message")?.dataset.id;
  return id === undefined ? null : findMessage(chatOf(), Number(id));
}

function onMessageClick({ target }) {
  const button = target.closest("button");
  if (!button) return;
  const { to, kind, insert } = button.dataset;
  if (to !== undefined) jumpTo(Number(to));
  else if (kind === "bot_command") write(button.textContent);
  else if (kind === "mention") insertWords(`${button.textContent} `);
  else if (insert !== undefined) insertWords(insert);
  else if (button.matches(".tools")) openMessageMenu(messageAt(button), button);
}

function onMessageMenu(event) {
  const message = messageAt(event.target);
  const tools = event.target.closest(".message")?.querySelector(".tools");
  if (!message || !tools || event.target.closest("a, img")) return;
  event.preventDefault();
  openMessageMenu(message, tools, event);
}

/** A double click answers, as in Telegram's desktop app; the word that it selected is not meant. */
function onMessageDoubleClick({ target }) {
  const message = target.closest("button, a, img, video, audio, pre") || !target.closest(".bubble") ? null : messageAt(target);
  if (!message) return;
  getSelection().removeAllRanges();
  setContext({ kind: "reply", message });
}

function onRowClick({ target }) {
  const row = target.closest(".row"), { chat, topic, bot, forum } = row?.dataset ?? {};
  if (chat) openChat(chat, topic === undefined ? undefined : Number(topic));
  else if (forum) newTopic(chats.get(forum));
  else if (bot) attempt(() => startPrivate(bots.get(Number(bot)), meIn(chatOf() ?? { members: [] }) ?? undefined));
}

function onCardClick({ target }) {
  if (target.matches(".chip")) write(target.textContent);
}

export function listenToClicks() {
  list.addEventListener("click", onMessageClick);
  list.addEventListener("dblclick", onMessageDoubleClick);
  list.addEventListener("contextmenu", onMessageMenu);
  byId("pinned").addEventListener("click", onMessageClick);
  byId("chats").addEventListener("click", onRowClick);
  byId("welcome").addEventListener("click", onCardClick);
}
