// Times, days and sizes as the reader writes them.

import { language, t } from "../words.js";

const formats = new Map();  // making one is slow, using it is not

export function clock(seconds, second = undefined) {
  const name = `${language}/${second}`;
  const parts = { hour: "2-digit", minute: "2-digit", second, hourCycle: "h23" };
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(language, parts));
  return formats.get(name).format(seconds * 1000);
}

/** Number the days of the reader's calendar. */
export const dayNumber = (seconds) => Math.floor((seconds - 60 * new Date(seconds * 1000).getTimezoneOffset()) / 86400);

export function day(seconds) {
  const days = dayNumber(Date.now() / 1000) - dayNumber(seconds);
  if (days < 2) return t(days < 1 ? "today" : "yesterday");
  return new Date(seconds * 1000).toLocaleDateString(language, { day: "numeric", month: "long", year: "numeric" });
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

/** Minutes and seconds of a recording. */
export const length = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
