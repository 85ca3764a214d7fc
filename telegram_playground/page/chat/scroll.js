// Scrolling: the end stays in sight unless the reader has scrolled up.

import { byId, list, scroller } from "../look/element.js";
import { chatOf } from "../model/chats.js";
import { unread } from "../model/reading.js";
import { state } from "../model/state.js";

export const fromBottom = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

export function toBottom() {
  state.stuck = true;
  scroller.scrollTop = scroller.scrollHeight;
  state.lastTop = scroller.scrollTop;
  paintDown();
}

let gliding = false;

/** Glide to the bottom as the text grows, unless the reader has scrolled up. */
export function follow() {
  if (!state.stuck || gliding) return;
  if (document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches) return void toBottom();
  gliding = true;
  requestAnimationFrame(glide);
}

function glide() {
  const left = fromBottom();
  gliding = state.stuck && left > 1;
  if (!state.stuck) return;
  scroller.scrollTop += left > 1200 ? left : Math.max(1, Math.ceil(left * .22));
  state.lastTop = scroller.scrollTop;
  if (gliding) requestAnimationFrame(glide);
}

export function paintDown() {
  const chat = chatOf(), count = chat && !state.stuck ? unread(chat, state.open.topic ?? undefined) : 0;
  byId("down").hidden = state.stuck || fromBottom() < 60;
  byId("below").hidden = !count;
  byId("below").textContent = String(count);
}

/** What the place on the screen depends on beside the reader. */
export const sizeNow = () => `${scroller.scrollHeight}/${scroller.clientHeight}`;

/** Stay at the end when the list or the room for it changes. */
export function watchSizes() {
  let top = scroller.offsetTop;
  new ResizeObserver(() => {
    if (!state.stuck) scroller.scrollTop += scroller.offsetTop - top;  // what is read stays where it is
    top = scroller.offsetTop;
    if (state.stuck && !gliding) toBottom();
    state.size = sizeNow();
  }).observe(scroller);
  new ResizeObserver(() => { if (state.stuck) follow(); state.size = sizeNow(); }).observe(list);
}
