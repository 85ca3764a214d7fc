// The looking glass: what Telegram would refuse, and what people would hate.

import { apart, byId, clickable, div, dotted, el, pane, span } from "../look/element.js";
import { nameOf, account, titleOf } from "../model/chats.js";
import { bots, chats, state } from "../model/state.js";
import { t } from "../words.js";

const LEVELS = ["error", "warning", "note"];

export function paintLint() {
  pane.replaceChildren(el("p", { class: "dim" }, t("lint_help")), el("ul", { class: "findings", id: "findings" }));
  paintFindings();
}

export function paintFindings() {
  const level = (finding) => LEVELS.indexOf(finding.level);
  const shown = [...state.findings].sort((one, other) => level(one) - level(other) || other.time - one.time);
  byId("findings").replaceChildren(...(shown.length ? shown.map(findingNode) : [el("li", { class: "dim" }, t("lint_clean"))]));
}

function findingNode({ rule, level, count, method, chat: key, bot, detail, call }) {
  const chat = chats.get(key), name = bots.size > 1 && nameOf(account(bot));
  const where = dotted([method, chat && titleOf(chat), name, call && `${t("calls")} ${call}`]);
  const head = div("", ...apart(span(`level ${level}`, t(`level_${level}`)), el("b", {}, t(`l_${rule}`)), span("dim", `× ${count}`)));
  const node = el("li", {}, clickable("finding", () => unfold(node, rule, detail), head, span("dim gist", where)));
  node.firstChild.setAttribute("aria-expanded", "false");
  return node;
}

function unfold(node, rule, detail) {
  const opened = node.children.length === 1;
  node.firstChild.setAttribute("aria-expanded", String(opened));
  if (opened) node.append(div("mend", el("p", {}, t(`lm_${rule}`)), detail ? el("p", { class: "dim" }, detail) : null));
  else node.lastChild.remove();
}
