// The dialog, and what forms are made of.

import { clickable, dialog, div, el, span } from "./element.js";
import { attempt } from "../server.js";
import { t } from "../words.js";

/** Show a form. Where it was opened from another one, `back` shows that again when this one is left. */
export function openDialog(title, content, actions, onsubmit = () => {}, back = null) {
  const toasts = el("div", { class: "toasts", role: "status" }), head = el("h2", { id: "dialog-title" }, title);
  const form = el("form", { method: "dialog" }, head, ...content, toasts, div("actions", ...actions));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if ((await attempt(async () => { await onsubmit(); return true; })) && form.isConnected) dialog.close();
  });
  dialog.replaceChildren(form);
  dialog.repaint = null;
  dialog.oncancel = back && ((event) => { event.preventDefault(); back(); });
  if (!dialog.open) dialog.showModal();
}

export const closeButton = (words = t("close"), act = () => dialog.close()) => clickable("button", act, words);
export const strongButton = (words) => el("button", { class: "button strong" }, words);
export const labelled = (words, input) => el("label", { class: "field" }, span("", words), input);
export const option = (value, words, selected = false) => el("option", { value, selected }, words);
export const slim = (words, act) => clickable("button slim", act, words);

export function checkbox(words, on, change, face = null) {
  const input = el("input", { type: "checkbox", onchange: () => change(input.checked) });
  input.checked = on;
  return el("label", { class: "check" }, input, face, span("name", words));
}

export function switchLine(words, on, change) {
  const input = el("input", { type: "checkbox", role: "switch", onchange: () => change(input.checked) });
  input.checked = on;
  return el("label", { class: "switch" }, span("", words), input);
}

/** Draw tabs into a list of them; each stays the same element, so the one that was pressed keeps the focus. */
export function tabs(box, names, chosen, choose, { words = t, more = () => ({}) } = {}) {
  names.forEach((name, index) => {
    const node = box.children[index] ?? box.appendChild(el("button", { type: "button", role: "tab", ...more(name) }));
    node.textContent = words(name);
    node.setAttribute("aria-selected", String(name === chosen));
    node.tabIndex = name === chosen ? 0 : -1;
    node.onclick = () => choose(name);
  });
  box.onkeydown = (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const next = box.children[(names.indexOf(chosen) + way + names.length) % names.length];
    next.focus();
    next.click();
  };
}

export const group = (words, node) => el("fieldset", {}, el("legend", {}, words), node);
