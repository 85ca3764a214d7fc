// The reader's clock: how old the newest text on the screen is, against what the limits allow (docs/playground.md).

import { state } from "../model/state.js";

// The reader's clock: how old the newest text on the screen is, against what the limits allow (docs/playground.md).
export const growths = new Map();  // chat -> {name, draft, times, stop, done} of the message that grew last

const hasStop = (message) =>
  (message?.reply_markup?.inline_keyboard ?? []).flat().some((key) => /stop/i.test(`${key.text} ${key.callback_data ?? ""}`));

export function startGrowth(chat, name, time, message) {
  const growth = growths.get(chat.key), stop = hasStop(message);
  const follows = message && growth?.name.startsWith("draft") && time - growth.times.at(-1) < 30;
  if (follows) return void Object.assign(growth, { name, stop, done: !stop }).times.push(time);  // what a draft ends in
  growths.set(chat.key, { name, draft: !message, times: [time], stop, done: false });
}

/** Count a change. A message that had a Stop button is complete without it; what changes in it later is no growth. */
export function noteGrowth(chat, name, time, message) {
  const growth = growths.get(chat.key), stop = hasStop(message);
  if (growth?.name !== name || growth.done && stop) return startGrowth(chat, name, time, message);
  if (growth.done) return;
  growth.times.push(time);
  growth.done = growth.stop && !stop;
  growth.stop ||= stop;
}

export function endGrowth(chat, name) {
  const growth = growths.get(chat.key);
  if (growth?.name === name) growth.done = true;
}

/** The mean age of the text on the screen between the first and the last change, if text came without a pause. */
export function meanAge(times) {
  const whole = times.at(-1) - times[0];
  return whole > 0 ? times.slice(1).reduce((sum, time, index) => sum + (time - times[index]) ** 2, 0) / (2 * whole) : 0;
}

/** The least mean age that any sender could reach: all the calls that the limits allow in that time, evenly spread. */
export function leastAge(chat, draft, times) {
  const limits = state.options.limits ?? {}, whole = times.at(-1) - times[0], trip = (state.options.latency_s ?? 0) / 2;
  if (limits.enabled === false) return trip;
  const kind = draft ? "typing" : chat.type === "private" ? "private" : "group";
  const bursts = { typing: limits.typing_per_5_s, private: limits.private_burst, group: limits.group_burst };
  const rate = ratePerSecond(kind), burst = bursts[kind];
  return whole / (2 * Math.floor(burst + rate * whole)) + trip;
}

export function ratePerSecond(kind) {
  const { private_per_s, group_per_min, bot_per_s, typing_per_5_s } = state.options.limits ?? {};
  return { private: private_per_s, group: group_per_min / 60, bot: bot_per_s, typing: typing_per_5_s / 5 }[kind] || 0;
}
