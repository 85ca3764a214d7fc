// Elements: everything that comes from outside becomes a text node or a checked attribute.

export const byId = (id) => document.getElementById(id);
export const app = byId("app"), scroller = byId("scroller"), list = byId("messages"), field = byId("field"), pane = byId("pane");
export const menu = byId("menu"), dialog = byId("dialog"), completion = byId("completion");

/** Make an element. Attributes named on… are listeners; null and false leave an attribute out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export const span = (look, ...children) => el("span", { class: look || null }, ...children);
export const div = (look, ...children) => el("div", { class: look || null }, ...children);
export const clickable = (look, onclick, ...children) => el("button", { type: "button", class: look, onclick }, ...children);

export const iconButton = (name, label, onclick, extra = {}) =>
  el("button", { type: "button", class: "round", "aria-label": label, title: label, onclick, ...extra }, icon(name));

export const heading = (words) => el("h3", {}, words);
/** Nodes with a space between each two: what is laid out beside each other is not read in one word. */
export const apart = (...nodes) => nodes.filter(Boolean).flatMap((node) => [node, " "]).slice(0, -1);

export const dotted = (words) => words.filter(Boolean).join(" · ");
