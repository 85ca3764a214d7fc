// A key of a keyboard under a message, and the answer to its press.

import { closeButton, openDialog } from "../look/dialog.js";
import { el } from "../look/element.js";
import { signName } from "../look/signs.js";
import { copy, toast } from "../look/toast.js";
import { botOf, chatOf, meIn, nameOf } from "../model/chats.js";
import { attempt, command } from "../server.js";
import { safeAddress } from "../text/formatted.js";
import { t } from "../words.js";

const STYLES = ["primary", "success", "danger"];

/** A key, with its label as nodes. A word for the field is left in `data-insert` (clicks.js). */
export function keyButton(message, button, label) {
  const look = `key ${STYLES.includes(button.style) ? button.style : ""}`;
  const address = button.url ?? button.login_url?.url ?? button.web_app?.url, href = address && safeAddress(address);
  if (href) return el("a", { class: look, href, title: href, target: "_blank", rel: "noopener noreferrer" }, label);
  const node = el("button", { type: "button", class: look }, label);
  const inline = button.switch_inline_query_current_chat ?? button.switch_inline_query, name = message?.from?.username ?? "";
  const called = signName(button.text);
  if (called) node.setAttribute("aria-label", `${button.text} ${called}`);
  node.title = called || (typeof button.text === "string" ? button.text : "");
  const act = (work) => node.addEventListener("click", work);
  if (button.callback_data !== undefined && message) act(() => press(message, button.callback_data, node));
  else if (button.pay && message) act(() => pay(message, node));
  else if (button.copy_text) act(() => copy(button.copy_text.text));
  else if (inline !== undefined) node.dataset.insert = `@${name} ${inline}`;
  else node.disabled = true;
  return node;
}

export const pressed = new Map();  // chat/user/message -> the button that waits for its answer
export const pressName = (key, user, message_id) => `${key}/${user}/${message_id}`;

async function press(message, data, node) {
  const chat = chatOf(), user = meIn(chat).id, name = pressName(chat.key, user, message.message_id);
  pressed.get(name)?.classList.remove("busy");
  pressed.set(name, node);
  node.classList.add("busy");
  const sent = await attempt(() => command("press", { chat: chat.key, user, message_id: message.message_id, data }));
  if (sent) return;
  pressed.delete(name);
  node.classList.remove("busy");
}

/** Pay, and wait for the bot's word; nobody pays anything. */
async function pay({ message_id }, node) {
  const chat = chatOf();
  node.classList.add("busy");
  await attempt(() => command("pay", { user: meIn(chat).id, chat: chat.key, message_id }));
  node.classList.remove("busy");
}

export function showCallback(answer) {
  if (!answer) return toast(t("expired"), "bad");
  if (answer.url && safeAddress(answer.url)) {
    const anchor = el("a", { href: safeAddress(answer.url), target: "_blank", rel: "noopener noreferrer" }, answer.url);
    openDialog(t("link"), [el("p", {}, anchor)], [closeButton()]);
  } else if (answer.show_alert) openDialog(nameOf(botOf(chatOf())), [el("p", {}, answer.text ?? "")], [closeButton(t("ok"))]);
  else if (answer.text) toast(answer.text);
}
