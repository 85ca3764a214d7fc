// Faces: a letter in the colour of an id.

import { el } from "./element.js";
import { nameOf, titleOf } from "../model/chats.js";
import { bots } from "../model/state.js";

export function avatar(id, name, { small = false, bot = false } = {}) {
  const letters = [...name.trim()].slice(0, 1).join("").toUpperCase() || "?";
  const node = el("span", { class: `avatar${small ? " small" : ""}${bot ? " bot" : ""}`, "aria-hidden": "true", "data-letter": letters });
  node.style.setProperty("--hue", hue(id));
  return node;
}

export const faceOf = (user) => avatar(user.id, nameOf(user), { small: true, bot: bots.has(user.id) });

export function chatFace(chat, look = {}) {
  const bot = chat.type === "private";
  return avatar(bot ? chat.bots[0] : chat.id, titleOf(chat), { ...look, bot });
}

export const hue = (id) => String((Math.abs(id) * 137) % 360);
