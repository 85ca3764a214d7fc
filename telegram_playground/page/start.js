// Language, theme, listeners, start.

import { closeFind, find, findNewer, findOlder, onFindKey, openFind } from "./chat/find.js";
import { markRead, onScroll, showEnd } from "./chat/messages.js";
import { leaveChat, openChat, startWith } from "./chat/open.js";
import { toBottom, watchSizes } from "./chat/scroll.js";
import { listenToClicks } from "./clicks.js";
import { openDetails } from "./dialogs/details.js";
import { newChat } from "./dialogs/new.js";
import { openWriteAs } from "./dialogs/write_as.js";
import { happened } from "./events.js";
import { lastTab, openGlass, paintGlass } from "./glass/glass.js";
import { tick } from "./glass/limits.js";
import { app, byId, completion, dialog, field, menu } from "./look/element.js";
import { letterOf } from "./look/letter.js";
import { closeMenu, onMenuKey } from "./look/menu.js";
import { chatOf, hasTopics, meIn } from "./model/chats.js";
import { unread } from "./model/reading.js";
import { chats, state } from "./model/state.js";
import { attempt, command, connect } from "./server.js";
import { drawChats, rows } from "./side/chat_list.js";
import { watchCode } from "./text/colours.js";
import { language, nextLanguage, save, saved, setLanguage, t } from "./words.js";
import { closeCompletion } from "./writing/completion.js";
import { onChoice, onFieldKey, onInput, setContext, submit } from "./writing/composer.js";
import { addFiles } from "./writing/files.js";
import { leadsBy } from "./writing/inline.js";
import { cancelVoice, toggleVoice } from "./writing/voice.js";

function speak() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = t(node.dataset.placeholder);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = t(node.dataset.label);
  }
  const next = nextLanguage();
  byId("language").textContent = next.short;
  byId("language").setAttribute("aria-label", `${next.short}, ${next.name}`);
  rows.clear();
}

/** The reader speaks another language, and so does the person as whom they write, if that one spoke the page's. */
function turnLanguage() {
  const me = chatOf() && meIn(chatOf()), former = language;
  setLanguage(nextLanguage().code);
  if (me?.language_code === former) attempt(() => command("edit_user", { user: me.id, language }));
  speak();
  if (chatOf()) openChat(state.open.chat, state.open.topic); else leaveChat();
  paintGlass();
}

function turnTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const theme = (saved("theme") ?? system) === "dark" ? "light" : "dark";
  save("theme", theme);
  document.documentElement.dataset.theme = theme;
}

/** Escape cancels; whatever else is typed anywhere goes into the message field, as in other messengers. */
function onPageKey(event) {
  if (dialog.open) return;
  if (event.key === "Escape") return onEscape();
  if (event.altKey && ["ArrowDown", "ArrowUp"].includes(event.key)) return jump(event, event.key === "ArrowDown" ? 1 : -1);
  if ((event.ctrlKey || event.metaKey) && letterOf(event) === "f" && !event.shiftKey && chatOf()) { event.preventDefault(); return openFind(); }
  const plain = [...event.key].length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (plain && menu.hidden && !event.target.closest("input, select, textarea, .glass")) field.focus();
}

/** Go to the next chat (or topic) with something unread, or where all is read just to the next one. */
function jump(event, way) {
  const topicIn = ({ dataset }) => (dataset.topic === undefined ? undefined : Number(dataset.topic));
  const split = ({ dataset }) => dataset.chat === state.open.chat && dataset.topic === undefined && hasTopics(chatOf());
  drawChats();
  const all = [...document.querySelectorAll("#chats .row[data-chat]")].filter((row) => !split(row));
  const here = all.findIndex((row) => row.getAttribute("aria-current") === "true");
  const order = way > 0 ? [...all.slice(here + 1), ...all.slice(0, here + 1)] : [...all.slice(0, Math.max(here, 0)).reverse(), ...all.slice(Math.max(here, 0)).reverse()];
  const next = order.find((row) => unread(chats.get(row.dataset.chat), topicIn(row))) ?? order[0];
  event.preventDefault();
  if (next) openChat(next.dataset.chat, topicIn(next));
}

function onEscape() {
  if (!menu.hidden) closeMenu();
  else if (closeFind()) return;
  else if (!completion.hidden) closeCompletion();
  else if (cancelVoice()) return;
  else if (state.context) setContext(null);
  else if (!state.stuck) { showEnd(); toBottom(); }
}

function onPaste(event) {
  if (!event.clipboardData.files.length) return;
  event.preventDefault();
  addFiles(event.clipboardData.files);
}

function onDrag(event) {
  event.preventDefault();
  byId("chat").classList.toggle("dropping", event.type === "dragover");
  if (event.type === "drop" && chatOf()) addFiles(event.dataTransfer.files);
}

app.classList.toggle("quoting", saved("quoting") === "yes");

function listen() {
  const on = (id, kind, act) => byId(id).addEventListener(kind, act);
  on("composer", "submit", (event) => { event.preventDefault(); submit(); });
  on("field", "keydown", onFieldKey);
  on("field", "input", onInput);
  on("field", "blur", () => setTimeout(() => { if (document.activeElement !== field) closeCompletion(); }, 150));
  on("field", "paste", onPaste);
  on("send", "mousedown", (event) => event.preventDefault());
  on("me", "click", openWriteAs);
  on("slash", "click", () => { field.value = "/"; field.focus(); field.setSelectionRange(1, 1); onInput(); });
  on("voice", "click", toggleVoice);
  on("attach", "click", () => byId("picker").click());
  on("picker", "change", () => { addFiles(byId("picker").files); byId("picker").value = ""; });
  on("scroller", "scroll", onScroll);
  on("down", "click", () => { showEnd(); toBottom(); markRead(); });
  on("new-chat", "click", () => newChat());
  on("details", "click", openDetails);
  on("find-open", "click", openFind);
  on("find-words", "input", find);
  on("find-words", "keydown", onFindKey);
  on("find-older", "click", findOlder);
  on("find-newer", "click", findNewer);
  on("find-close", "click", closeFind);
  on("look", "click", () => openGlass(state.glassTab ? null : lastTab));
  on("unlook", "click", () => { openGlass(null); byId("look").focus(); });
  on("back", "click", () => { app.dataset.pane = "list"; });
  on("search", "input", drawChats);
  on("language", "click", turnLanguage);
  on("theme", "click", turnTheme);
  on("menu", "keydown", onMenuKey);
  on("completion", "mousedown", onChoice);
  listenToClicks();
  leadsBy(startWith);
  for (const kind of ["dragover", "dragleave", "drop"]) on("chat", kind, onDrag);
  document.addEventListener("keydown", onPageKey);
  document.addEventListener("mousedown", (event) => { if (!menu.contains(event.target)) closeMenu(); });
  document.addEventListener("visibilitychange", () => { if (state.stuck && chatOf()) { toBottom(); markRead(); } });
  watchSizes();
  watchCode();
  setInterval(tick, 200);
}

speak();
listen();
leaveChat();
connect(happened);
