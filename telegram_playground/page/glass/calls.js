// The looking glass: every call of the Bot API.

import { checkbox, slim } from "../look/dialog.js";
import { apart, byId, clickable, div, dotted, el, pane, span } from "../look/element.js";
import { clock } from "../look/figures.js";
import { titleOf } from "../model/chats.js";
import { calls, chats, serverNow, state } from "../model/state.js";
import { t } from "../words.js";

const callFilter = { words: "", here: false, polls: false };

export function paintCalls() {
  const narrow = (name, value) => { callFilter[name] = value; fillCalls(); };
  const box = (name, words) => checkbox(t(words), callFilter[name], (on) => narrow(name, on));
  const words = el("input", { type: "search", "aria-label": t("filter"), placeholder: t("filter"), value: callFilter.words });
  words.addEventListener("input", () => narrow("words", words.value.toLowerCase()));
  const clear = slim(t("clear"), () => { calls.clear(); fillCalls(); });
  const filters = div("filters", words, clear, box("here", "only_here"), box("polls", "polls"));
  pane.replaceChildren(filters, el("p", { id: "not-simulated", class: "lively", hidden: true }), el("ul", { class: "calls", id: "calls" }));
  paintNotSimulated();
  fillCalls();
}

/** Say which methods this server does not have, but the bots call. */
export function paintNotSimulated() {
  const counted = Object.entries(state.notSimulated), box = byId("not-simulated");
  box.hidden = !counted.length;
  box.textContent = `${t("not_simulated")}: ${counted.map(([name, times]) => `${name} × ${times}`).join(", ")}`;
}

function fillCalls() {
  const shown = [...calls.values()].filter(wantedCall).slice(-200).reverse();
  byId("calls").replaceChildren(...shown.map(callNode));
  if (!shown.length) byId("calls").append(el("li", { class: "dim" }, t("no_calls")));
}

function wantedCall(call) {
  if (!callFilter.polls && call.method.toLowerCase() === "getupdates") return false;
  if (callFilter.here && call.chat !== state.open.chat) return false;
  return !callFilter.words || `${call.method} ${JSON.stringify(call.parameters)}`.toLowerCase().includes(callFilter.words);
}

export function paintCall(call) {
  if (!wantedCall(call)) return;
  const box = byId("calls"), known = box.querySelector(`[data-call="${Number(call.id)}"]`);
  if (known) return renewCall(known, call);
  if (!box.querySelector(".call")) box.replaceChildren();
  box.prepend(callNode(call));
  if (box.children.length > 200) box.lastChild.remove();
}

function callNode(call) {
  const node = el("li", { "data-call": call.id }, clickable("call", () => unfold(node, call.id)));
  node.firstChild.setAttribute("aria-expanded", "false");
  renewCall(node, call);
  return node;
}

function renewCall(node, call) {
  const button = node.firstChild, running = call.ok === null || call.ok === undefined;
  button.className = `call ${running && !call.finished ? "running" : call.ok ? "" : "failed"}`;
  const took = call.finished ? `${Math.round((call.finished - call.started) * 1000)} ms` : "…";
  const times = [span("dim", took), span("dim", ago(call.started))];
  button.replaceChildren(...apart(el("b", {}, call.method), ...times, span("gist", callGist(call))));
  if (node.children.length > 1) { node.lastChild.remove(); node.append(callDetails(call)); }
}

const ago = (time) => clock(Date.now() / 1000 - (serverNow() - time), "2-digit");

function callGist(call) {
  const refused = call.ok === false ? dotted([String(call.error_code ?? ""), call.description ?? ""]) : "";
  const dropped = call.ok === null && call.finished ? t("not_answered") : "";
  const waited = call.waited_s > 0 ? t("waited", { n: call.waited_s.toFixed(1) }) : "";
  const chat = chats.get(call.chat), said = call.parameters.text ?? call.parameters.action ?? call.parameters.caption ?? "";
  return dotted([call.fault && `⚡ ${call.fault}`, refused || dropped, waited, chat && titleOf(chat), tail(said)]);
}

const tail = (words) => (typeof words !== "string" ? "" : words.length > 40 ? `…${words.slice(-40)}` : words);

function unfold(node, id) {
  const opened = node.children.length === 1;
  node.firstChild.setAttribute("aria-expanded", String(opened));
  if (opened) node.append(callDetails(calls.get(id) ?? {})); else node.lastChild.remove();
}

function callDetails(call) {
  const { parameters, result: answer, ok, error_code, description, retry_after } = call;
  const json = (value) => (JSON.stringify(value, null, 2) ?? "").slice(0, 20000);
  const block = (words, value) => [div("dim", words), el("pre", { class: "json", tabindex: "0" }, json(value))];
  return div("", ...block(t("parameters"), parameters), ...block(t("answered"), ok ? answer : { error_code, description, retry_after }));
}
