// The menu that opens at a button or where the mouse is.

import { el, icon, menu, span } from "./element.js";

let menuOwner = null;

/** Open a menu at an element, or where the mouse is. Items: {label, act, icon?, face?, checked?, bad?}, or a node. */
export function openMenu(owner, items, point = null) {
  closeMenu();
  menuOwner = owner;
  menu.replaceChildren(...items.map((item) => (item instanceof Node ? item : menuItem(item))));
  menu.hidden = false;
  owner.setAttribute("aria-expanded", "true");
  const box = owner.getBoundingClientRect(), wide = menu.offsetWidth, high = menu.offsetHeight;
  const left = point?.clientX ?? box.left, below = point?.clientY ?? box.bottom + 4;
  const top = below + high > innerHeight - 8 ? Math.max(8, (point?.clientY ?? box.top - 4) - high) : below;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - wide - 8))}px`;
  menu.style.top = `${top}px`;
  menu.querySelector("button")?.focus();
}

function menuItem({ label, act, face = null, icon: name = "", checked, bad = false }) {
  const role = checked === undefined ? "menuitem" : "menuitemradio", onclick = () => { closeMenu(); act(); };
  const node = el("button", { type: "button", role, onclick }, face ?? (name ? icon(name) : null), span("name", label));
  node.classList.toggle("bad", bad);
  if (checked !== undefined) node.setAttribute("aria-checked", String(checked));
  return node;
}

export function closeMenu() {
  if (menu.hidden) return;
  const inside = menu.contains(document.activeElement);
  menu.hidden = true;
  menuOwner.removeAttribute("aria-expanded");
  if (inside) menuOwner.focus();
}

export function onMenuKey(event) {
  const buttons = [...menu.querySelectorAll("button")], at_ = buttons.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (event.key === "Tab") return closeMenu();
  if (!step) return;
  event.preventDefault();
  buttons[(at_ + step + buttons.length) % buttons.length].focus();
}
