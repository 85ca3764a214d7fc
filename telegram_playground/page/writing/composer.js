// The composer: field, files, what is answered or edited, and the keyboard that the bot put below.

import { faceOf } from "../look/avatar.js";
import { apart, byId, clickable, completion, div, el, field, icon, iconButton } from "../look/element.js";
import { gist } from "../message/media.js";
import { chatOf, meIn, nameOf } from "../model/chats.js";
import { state } from "../model/state.js";
import { command } from "../server.js";
import { t } from "../words.js";
import { choose, closeCompletion, commandChoices, complete, hasChoice, mentionChoices, moveChoice, offer } from "./completion.js";
import { albumsOf, paintFiles, sendFile } from "./files.js";
import { askInline, leaveInline } from "./inline.js";
import { marked, onFormattingKey, unmarked } from "./markers.js";
import { toggleVoice } from "./voice.js";
import { ends, fit, queue, write } from "./write.js";

export function paintComposer() {
  const chat = chatOf(), me = chat && meIn(chat);
  const closed = chat?.topics.find((topic) => topic.message_thread_id === state.open.topic)?.is_closed;
  byId("composer").hidden = !chat;
  if (!chat) return;
  byId("me").replaceChildren(me ? faceOf(me) : icon("person"));
  byId("me").title = `${t("write_as")}: ${me ? nameOf(me) : "?"}`;
  field.placeholder = closed ? t("topic_closed") : t("message");
  const words = chat.written.get(state.open.topic) ?? "";
  if (field.value !== words && document.activeElement !== field) field.value = words;
  paintContext();
  paintFiles();
  paintAnswers();
  fit();
}

/** Put what was written aside, until its chat is opened again. */
export function keepWords() {
  chatOf()?.written.set(state.open.topic, state.context?.kind === "edit" ? "" : field.value);
  field.value = "";
  field.blur();
}

export function setContext(next) {
  if (state.context?.kind === "edit") field.value = "";
  state.context = next;
  if (next?.kind === "edit") field.value = wordsOf(next.message);
  paintContext();
  fit();
  field.focus();
}

/** What a message says, as it is written in the field. */
const wordsOf = ({ text, entities, caption, caption_entities }) => marked(text ?? caption ?? "", entities ?? caption_entities);

function paintContext() {
  const strip = byId("context");
  strip.hidden = !state.context;
  if (!state.context) return;
  const { kind, message, quote } = state.context;
  const title = kind === "edit" ? t("editing") : nameOf(message.from ?? { id: "" });
  strip.replaceChildren(icon(kind), div("", ...apart(el("b", { class: "name" }, title), div("name", quote ?? gist(message)))),
    iconButton("close", t("cancel"), () => setContext(null)));
}

export function submit() {
  const words = field.value, files = state.waiting, now = state.context;
  if (!words.trim() && !files.length) return byId("recording").hidden ? undefined : toggleVoice();
  field.value = "";
  leaveInline();
  state.waiting = [];
  setContext(null);
  closeCompletion();
  paintFiles();
  const said = unmarked(words), albums = albumsOf(files);
  const to = ends();  // what waits in the queue goes where it was written
  const edited = { chat: to.chat, user: to.user, message_id: now?.message.message_id, ...said };
  if (now?.kind === "edit") return queue(() => command("edit", edited));
  files.forEach((file, index) => queue(() => sendFile({ ...to, album: albums[index] }, file, index ? { text: "" } : said, now)));
  if (!files.length) write(said.text, now, said.entities);
}

function editLast() {
  const chat = chatOf(), me = meIn(chat)?.id;
  const message = state.view.messages.findLast((one) => one.from?.id === me && one.text !== undefined);
  if (message) setContext({ kind: "edit", message });
}

export function onFieldKey(event) {
  if (event.isComposing) return;
  const completing = !completion.hidden;
  if (completing && ["ArrowDown", "ArrowUp"].includes(event.key)) moveChoice(event.key === "ArrowDown" ? 1 : -1);
  else if (completing && event.key === "Tab") { if (!hasChoice()) moveChoice(1); take(false); }
  else if (event.key === "Enter" && !event.shiftKey) { if (hasChoice()) take(true); else submit(); }
  else if (event.key === "ArrowUp" && !field.value && !state.context) editLast();
  else if (onFormattingKey(event)) fit();
  else return;
  event.preventDefault();
}

export function onInput() {
  fit();
  const before = field.value.slice(0, field.selectionStart), chat = chatOf();
  const slash = /^\/([\w@]*)$/.exec(before), mention = /(?:^|\s)@(\w*)$/.exec(before);
  if (slash || mention) leaveInline();
  if (slash) offer(commandChoices(chat, slash[1].toLowerCase()));
  else if (mention && chat.type !== "private") offer(mentionChoices(chat, mention[1].toLowerCase()));
  else if (!askInline()) closeCompletion();
}

/** Keep a bot's reply keyboard: it stands under the field until the bot takes it away. */
export function keepAnswers(chat, message) {
  const markup = message.reply_markup;
  if (markup?.keyboard) chat.answers = markup;
  if (markup?.remove_keyboard) chat.answers = null;
  if (chat === chatOf()) paintAnswers();
}

function paintAnswers() {
  const chat = chatOf(), box = byId("answers"), markup = chat?.answers;
  box.hidden = !markup;
  if (!markup) return;
  const answer = (button) => { if (markup.one_time_keyboard) chat.answers = null; give(button); paintAnswers(); };
  const key = (button) => clickable("key", () => answer(button), button.text ?? button);
  box.replaceChildren(...markup.keyboard.map((keys) => div("", ...keys.map(key))));
}

const PLACE = { latitude: 52.52, longitude: 13.405 };  // a place that everybody may know: the page asks for nobody's own

/** Send what a key of the bot's keyboard stands for: its words, the own contact, or a place. */
function give(button) {
  const to = ends();
  if (button.request_contact) queue(() => command("share", to));
  else if (button.request_location) queue(() => command("share", { ...to, location: PLACE }));
  else write(button.text ?? button);
}

function take(now) {
  if (complete(now)) submit();
  else if (!field.value) setContext(null);  // what was offered was sent in place of the words
}

export function onChoice(event) {
  const index = [...completion.children].indexOf(event.target.closest("[role=option]"));
  event.preventDefault();
  if (index < 0) return;
  choose(index);
  take(true);
}
