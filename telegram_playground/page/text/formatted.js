// A text with entities as nodes; links only to addresses that cannot run.

import { apart, clickable, div, el, icon, span } from "../look/element.js";
import { copy } from "../look/toast.js";
import { nameOf } from "../model/chats.js";
import { t } from "../words.js";

const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);

export function safeAddress(address) {
  try {
    const url = new URL(address);
    return SAFE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };

/** Turn a text with entities (offsets in UTF-16 units, as in JavaScript) into nodes. Overlapping entities are split. */
export function formatted(text, entities = []) {
  const fragment = document.createDocumentFragment();
  const spans = entities.map((entity) => ({ entity, from: entity.offset, to: entity.offset + entity.length }));
  spans.sort((a, b) => a.from - b.from || b.to - a.to);
  fill(fragment, text, 0, text.length, spans);
  return fragment;
}

function fill(parent, text, from, to, spans) {
  let done = from;
  while (spans.length && spans[0].from < to) {
    const next = spans.shift();
    const start = Math.max(next.from, done), end = Math.min(next.to, to);
    if (end <= start) continue;
    if (next.to > to) rest(spans, { ...next, from: to });
    appendText(parent, text.slice(done, start));
    const { node, inside } = entityElement(next.entity, text.slice(start, end));
    fill(inside, text, start, end, spans);
    parent.append(node);
    done = end;
  }
  appendText(parent, text.slice(done, to));
}

function rest(spans, cut) {
  const index = spans.findIndex((other) => other.from >= cut.from);
  spans.splice(index < 0 ? spans.length : index, 0, cut);
}

/** Add plain text; a line break right after a block is the block's own. */
function appendText(parent, words) {
  const block = ["FIGURE", "BLOCKQUOTE"].includes(parent.lastChild?.nodeName);
  const shown = block && words.startsWith("\n") ? words.slice(1) : words;
  if (shown) parent.append(shown);
}

export function entityElement(entity, words) {
  const whole = (node) => ({ node, inside: node });
  const kind = { "data-kind": entity.type };
  switch (entity.type) {
    case "pre": return preformatted(entity.language);
    case "blockquote": return whole(el("blockquote", kind));
    case "expandable_blockquote": return expandable(words);
    case "spoiler": return spoiler();
    case "code": return whole(el("code", { ...kind, onclick: copyOwn }));
    case "text_link": return whole(link(entity.url));
    case "url": return whole(link(/^[a-z][a-z0-9+.-]*:/i.test(words) ? words : `https://${words}`));
    case "email": return whole(link(`mailto:${words}`));
    case "phone_number": return whole(link(`tel:${words}`));
    case "bot_command": return whole(el("button", { ...kind, type: "button", class: "inline" }));
    case "mention": return whole(el("button", { ...kind, type: "button", class: "inline" }));
    case "text_mention": return whole(el("span", { ...kind, class: "hash", title: nameOf(entity.user) }));
    case "hashtag": case "cashtag": return whole(el("span", { ...kind, class: "hash" }));
    default: return whole(el(TAGS[entity.type] ?? "span", kind));
  }
}

const copyOwn = ({ currentTarget }) => { if (getSelection().isCollapsed) copy(currentTarget.textContent); };

export function link(address) {
  const href = safeAddress(address);
  if (!href) return el("span", { "data-kind": "no_link", title: address });
  return el("a", { "data-kind": "link", href, title: href, target: "_blank", rel: "noopener noreferrer" });
}

export function preformatted(name) {
  const code = el("code");
  const copyCode = () => copy(code.textContent);
  const caption = el("figcaption", {}, ...apart(span("", name || t("code")), clickable("copy", copyCode, t("copy"))));
  const kind = `pre/${name ?? ""}`, node = el("figure", { class: "pre", "data-kind": kind }, caption, el("pre", { tabindex: "0" }, code));
  return { node, inside: code };
}

function spoiler() {
  const inside = el("span", { "aria-hidden": "true" });
  const node = el("span", { class: "spoiler", "data-kind": "spoiler", role: "button", tabindex: "0", "aria-label": t("spoiler") }, inside);
  const show = (event) => {
    if (node.classList.contains("shown") || (event.type === "keydown" && ![" ", "Enter"].includes(event.key))) return;
    event.preventDefault();
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
    inside.removeAttribute("aria-hidden");
  };
  node.addEventListener("click", show);
  node.addEventListener("keydown", show);
  return { node, inside };
}

export function expandable(words) {
  const inside = div("folding");
  const long = words.length > 140 || words.split("\n").length > 3;
  const node = el("blockquote", { "data-kind": `expandable/${long}` }, inside);
  if (!long) return { node, inside };
  const turn = ({ currentTarget }) => currentTarget.setAttribute("aria-expanded", String(!node.classList.toggle("folded")));
  const fold = clickable("fold", turn, icon("down"));
  fold.setAttribute("aria-label", t("expand"));
  fold.setAttribute("aria-expanded", "false");
  node.classList.add("folded");
  node.append(fold);
  return { node, inside };
}
