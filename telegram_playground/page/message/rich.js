// Rich messages.

import { div, el, span } from "../look/element.js";
import { keyButton } from "./key.js";
import { mediaNodes } from "./media.js";
import { entityElement, expandable, link, preformatted, TAGS } from "../text/formatted.js";

export function richText(value) {
  const fragment = document.createDocumentFragment();
  if (typeof value === "string") fragment.append(value);
  else if (Array.isArray(value)) fragment.append(...value.map(richText));
  else if (value) fragment.append(richSpan(value));
  return fragment;
}

const RICH_TAGS = { ...TAGS, code: undefined, marked: "mark", subscript: "sub", superscript: "sup" };
const RICH_LINKS = { url: "url", email_address: "email_address", phone_number: "phone_number" };

function richSpan(piece) {
  const inside = richText(piece.text);
  if (piece.type === "mathematical_expression") return el("span", { class: "math", "data-kind": "math" }, piece.expression);
  if (piece.type === "custom_emoji") return document.createTextNode(piece.alternative_text ?? "");
  if (piece.type === "button") return keyButton(null, piece.button, richText(piece.button.text));
  if (Object.hasOwn(RICH_LINKS, piece.type)) {
    const scheme = { email_address: "mailto:", phone_number: "tel:" }[piece.type] ?? "";
    const node = link(scheme + piece[RICH_LINKS[piece.type]]);
    node.append(inside);
    return node;
  }
  const plain = (node) => ({ node, inside: node }), tag = Object.hasOwn(RICH_TAGS, piece.type) && RICH_TAGS[piece.type];
  const made = tag ? plain(el(tag, { "data-kind": piece.type })) : entityElement(piece, inside.textContent);
  made.inside.append(inside);
  return made.node;
}

export function richBlocks(message, blocks = []) {
  const fragment = document.createDocumentFragment();
  fragment.append(...blocks.map((block) => richBlock(message, block)));
  return fragment;
}

function richBlock(message, block) {
  const kind = { "data-kind": block.type };
  const nested = (tag, extra = {}) => el(tag, { ...kind, ...extra }, richBlocks(message, block.blocks));
  switch (block.type) {
    case "paragraph": return el("p", kind, richText(block.text));
    case "heading": return el(`h${Math.min(4, 1 + (block.size || 1))}`, kind, richText(block.text));
    case "pre": return richPre(block);
    case "blockquote": return quoted(nested("blockquote", { class: "rich" }), block.credit);
    case "expandable_blockquote": return quoted(richQuote(block), block.credit);
    case "pullquote": return quoted(el("aside", kind, richText(block.text)), block.credit);
    case "list": return el("ol", kind, ...block.items.map((item) => richItem(message, item)));
    case "table": return richTable(block);
    case "details": return richDetails(message, block);
    case "divider": return el("hr", kind);
    case "footer": return el("footer", kind, richText(block.text));
    case "thinking": return el("p", { ...kind, class: "thinking" }, richText(block.text));
    case "mathematical_expression": return el("p", { ...kind, class: "math" }, block.expression);
    case "buttons": return div("keyboard", div("", ...block.buttons.map((button) => keyButton(message, button, richText(button.text)))));
    case "collage": case "slideshow": return nested("div");
    case "anchor": return el("span", kind);
    default: return el("div", { ...kind, class: "media" }, ...mediaNodes(block), richText(block.caption?.text));
  }
}

function richDetails(message, block) {
  const summary = el("summary", {}, richText(block.summary)), inside = div("rich", richBlocks(message, block.blocks));
  return el("details", { "data-kind": "details", open: Boolean(block.is_open) }, summary, inside);
}

function richPre(block) {
  const { node, inside } = preformatted(block.language);
  inside.append(richText(block.text));
  return node;
}

function richQuote(block) {
  const words = richText(block.text), { node, inside } = expandable(words.textContent);
  inside.append(words);
  return node;
}

function quoted(node, credit) {
  if (credit) node.append(el("footer", { "data-kind": "credit" }, richText(credit)));
  return node;
}

function richItem(message, item) {
  const box = el("input", { type: "checkbox", disabled: true, "aria-label": item.label || "☐" });
  box.checked = Boolean(item.is_checked);
  const label = item.has_checkbox ? box : span("dim", item.label || "•");
  return el("li", { "data-kind": "item" }, span("", label), div("rich", richBlocks(message, item.blocks)));
}

function richTable(block) {
  const cell = (one) => {
    const extent = { colspan: one.colspan, rowspan: one.rowspan };
    const node = el(one.is_header ? "th" : "td", extent, richText(one.text));
    node.style.textAlign = one.align ?? "";
    return node;
  };
  const rows = block.cells.map((row) => el("tr", {}, ...row.map(cell)));
  const caption = block.caption ? el("caption", {}, richText(block.caption)) : null;
  return el("div", { class: "table", "data-kind": "table", tabindex: "0" }, el("table", {}, caption, el("tbody", {}, ...rows)));
}
