// The looking glass: the message that grows, and what is left of each limit.

import { growths, leastAge, meanAge, ratePerSecond } from "./growth.js";
import { apart, byId, div, dotted, el, heading, pane, span } from "../look/element.js";
import { account, chatOf, nameOf, personsOf } from "../model/chats.js";
import { chats, meters, serverNow, state } from "../model/state.js";
import { t } from "../words.js";

export function keepMeters(changed, time) {
  for (const meter of changed) meters.set(`${meter.bot}/${meter.chat ?? ""}/${meter.name}`, { ...meter, time });
}

export function paintLimits() {
  const box = (id) => el("div", { id });
  pane.replaceChildren(heading(t("growing")), box("growth"), heading(t("limits")), box("meters"));
  tick();
}

/** Redraw what moves with time: the reader's clock and the meters. */
export function tick() {
  if (state.glassTab !== "limits") return;
  const chat = chatOf(), growth = chat && growths.get(chat.key);
  byId("growth").replaceChildren(...(growth ? growthNodes(chat, growth) : [el("p", { class: "dim" }, t("no_growth"))]));
  const busy = (meter) => meter.left < meter.size - .01 || meter.penalty > 0 || meter.chat === chat?.id;
  const shown = [...meters.values()].map(meterNow).filter(busy);
  byId("meters").replaceChildren(...(shown.length ? shown.map(meterNode) : [el("p", { class: "dim" }, t("no_limits"))]));
}

function growthNodes(chat, { draft, times, done }) {
  const figure = (value, words) => div("", ...apart(el("b", {}, value), words));
  const seconds = (value) => `${value.toFixed(2)} s`, gaps = times.slice(1).map((time, index) => time - times[index]).slice(-60);
  const tallest = Math.max(1, ...gaps), age = Math.max(0, serverNow() - times.at(-1));
  const bar = (gap) => {
    const node = el("i", { title: seconds(gap) });
    node.style.height = `${Math.max(4, 100 * gap / tallest)}%`;
    return node;
  };
  const figures = el("div", { class: "figures", title: t("lag_help") },
    figure(age < 10 && !done ? seconds(age) : "–", t("lag_now")), figure(seconds(meanAge(times)), t("lag_mean")),
    figure(seconds(leastAge(chat, draft, times)), t("bound")), figure(String(times.length - 1), t("edits")));
  return [figures, el("div", { class: "gaps", "aria-hidden": "true" }, ...gaps.map(bar))];
}

/** A meter as it must be by now: the server tells it only when it is used. */
function meterNow(meter) {
  const passed = Math.max(0, serverNow() - meter.time), more = ratePerSecond(meter.name) * passed;
  return { ...meter, left: Math.min(meter.size, meter.left + more), penalty: Math.max(0, meter.penalty_s - passed) };
}

function meterNode(meter) {
  const chat = [...chats.values()].find((one) => one.id === meter.chat && one.bots.includes(meter.bot));
  const where = chat && (chat.type === "private" ? nameOf(personsOf(chat)[0]) : chat.title);
  const words = dotted([nameOf(account(meter.bot)), where, t(`m_${meter.name}`)]);
  const value = meter.penalty > 0 ? t("penalty", { n: Math.ceil(meter.penalty) }) : `${meter.left.toFixed(1)} / ${meter.size}`;
  const bar = el("i");
  bar.style.width = `${100 * meter.left / meter.size}%`;
  const look = meter.penalty > 0 ? "refused" : meter.left < 1 ? "low" : "";
  return el("div", { class: `meter ${look}` }, div("", ...apart(span("name", words), span("", value))), div("track", bar));
}
