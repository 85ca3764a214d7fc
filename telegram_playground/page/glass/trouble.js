// The looking glass: trouble and switches.

import { checkbox, option, slim, strongButton, switchLine } from "../look/dialog.js";
import { apart, byId, div, dotted, el, heading, pane, span } from "../look/element.js";
import { chatOf, nameOf } from "../model/chats.js";
import { bots, state } from "../model/state.js";
import { attempt, command, set } from "../server.js";
import { t } from "../words.js";

const FAULTS = ["429", "500", "502html", "error", "hang", "lost", "reset", "delay", "hold", "duplicate"];

const METHODS = ["editMessageText", "sendMessage", "sendMessageDraft", "sendChatAction", "answerCallbackQuery", "deleteMessage",
  "getUpdates", "*"];

function faultForm() {
  const kind = el("select", {}, ...FAULTS.map((name) => option(name, t(`f_${name}`))));
  const method = el("input", { list: "methods", value: "editMessageText", required: true });
  const seconds = el("input", { type: "number", min: "0", max: "3600", value: "10" });
  const times = el("input", { type: "number", min: "1", value: "1" });
  let here = false;
  const add = (event) => {
    event.preventDefault();
    attempt(() => command("fault", {
      kind: kind.value,
      method: kind.value === "duplicate" ? "getUpdates" : method.value,
      seconds: seconds.value ? Number(seconds.value) : undefined,
      times: times.value ? Number(times.value) : null,
      chat: here ? chatOf()?.id : undefined,
    }));
  };
  const line = (words, input, look = null) => el("label", { class: look }, span("", t(words)), input);
  const names = el("datalist", { id: "methods" }, ...METHODS.map((name) => option(name, name)));
  return el("form", { class: "faults", onsubmit: add }, line("fault_kind", kind, "wide"), line("fault_method", method, "wide"), names,
    line("fault_seconds", seconds), line("fault_times", times), div("wide", checkbox(t("fault_here"), here, (on) => { here = on; })),
    div("actions wide", strongButton(t("fault_add"))));
}

export function paintFaults() {
  const box = byId("faults"), known = state.faults.filter((fault) => FAULTS.includes(fault.kind));
  if (!known.length) return box.replaceChildren();
  const method = (fault) => METHODS.find((name) => name.toLowerCase() === fault.method) ?? fault.method;
  const left = (fault) => (fault.times === null ? "∞" : `× ${fault.times}`);
  const line = (fault) => el("li", {}, ...apart(span("name", dotted([t(`f_${fault.kind}`), method(fault)])), span("dim", left(fault))));
  const clear = slim(t("switch_off"), () => attempt(() => command("clear_faults")));
  box.replaceChildren(heading(t("faults")), el("ul", { class: "lively" }, ...known.map(line)), div("actions", clear));
}

function slider(words, name, most) {
  const shown = el("output", {}, `${(state.options[name] ?? 0).toFixed(2)} s`);
  const input = el("input", { type: "range", min: "0", max: most, step: "0.02", value: state.options[name] ?? 0, "aria-label": words });
  input.addEventListener("input", () => { shown.textContent = `${Number(input.value).toFixed(2)} s`; });
  input.addEventListener("change", () => set({ [name]: Number(input.value) }));
  return div("switch", span("", words), input, shown);
}

const USUAL_LIMITS = { penalties: [], absorb_s: 8, absorb_typing_s: 2, cap_s: 300 };  // what a worst day changes

export function paintTrouble() {
  pane.replaceChildren(heading(t("fault_add")), faultForm(), el("div", { id: "faults" }), heading(t("switches")),
    switchLine(t("offline"), state.options.offline, (on) => set({ offline: on })),
    switchLine(t("drafts"), state.options.drafts, (on) => set({ drafts: on })),
    switchLine(t("rich"), state.options.rich, (on) => set({ rich: on })),
    slider(t("latency"), "latency_s", 5), slider(t("jitter"), "jitter_s", 2),
    limitsChoice(), ...[...bots.values()].flatMap(botSwitches));
  paintFaults();
}

function limitsChoice() {
  const { enabled, penalties } = state.options.limits ?? {}, mode = enabled === false ? "off" : penalties?.length ? "worst_day" : "telegram";
  const names = { telegram: "limits_telegram", worst_day: "limits_worst", off: "limits_off" };
  const choices = Object.entries(names).map(([value, words]) => option(value, t(words), value === mode));
  const change = () => set({ limits: select.value === "telegram" ? USUAL_LIMITS : select.value });
  const select = el("select", { onchange: change }, ...choices);
  return el("label", { class: "switch" }, span("", t("limits")), select);
}

function botSwitches(bot) {
  const change = (name, flip = false) => (on) => attempt(() => command("bot", { id: bot.id, [name]: flip ? !on : on }));
  const notes = [`@${bot.username}`, bot.webhook && `${t("webhook")} ${bot.webhook}`, bot.pending && t("pending", { n: bot.pending })];
  return [el("h3", {}, nameOf(bot)), div("dim name", dotted(notes)),
    switchLine(t("privacy"), !bot.can_read_all_group_messages, change("can_read_all_group_messages", true)),
    switchLine(t("topics_private"), bot.has_topics_enabled, change("has_topics_enabled")),
    switchLine(t("guests"), bot.supports_guest_queries, change("supports_guest_queries")),
    switchLine(t("inline"), bot.supports_inline_queries, change("supports_inline_queries"))];
}
