// The signs that stand for formatting in the message field, as in Telegram's apps: what sets them, and what they become.

import { field } from "../look/element.js";
import { letterOf } from "../look/letter.js";

const KINDS = { "**": "bold", "__": "italic", "~~": "strikethrough", "||": "spoiler", "`": "code" };
const SIGNS = Object.fromEntries(Object.entries(KINDS).map(([sign, kind]) => [kind, sign]));
const KEYS = { b: "**", i: "__", "shift+x": "~~", "shift+p": "||", "shift+m": "`" };  // with Ctrl or ⌘
// Signs stand at the edges of words: 2**3 and __init__.py are left alone.
const MARKED = /```(?:([\w+#-]+)\n)?\n?([^]*?[^\s`][^]*?)\n?```|(?<![\p{L}\p{N}])(\*\*|__|~~|\|\||`)(?=\S)((?:(?!\3)[^])+(?<=\S))\3(?![\p{L}\p{N}]|\.\w)/gu;

/** Put signs around the selected words, or take them away; returns whether the key was one of these. */
export function onFormattingKey(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return false;
  const sign = KEYS[`${event.shiftKey ? "shift+" : ""}${letterOf(event)}`];
  if (!sign) return false;
  const { value, selectionStart, selectionEnd } = field, words = value.slice(selectionStart, selectionEnd);
  const from = selectionStart + (words.length - words.trimStart().length), to = Math.max(from, selectionEnd - (words.length - words.trimEnd().length));
  const [before, after, size] = [value.slice(0, from), value.slice(to), sign.length];
  if (before.endsWith(sign) && after.startsWith(sign)) {
    field.setRangeText(value.slice(from, to), from - size, to + size);
    field.setSelectionRange(from - size, to - size);
  } else {
    field.setRangeText(`${sign}${value.slice(from, to)}${sign}`, from, to);
    field.setSelectionRange(from + size, to + size);
  }
  return true;
}

/** The text without the signs, and the entities that they stood for. */
export function unmarked(words, start = 0) {
  const entities = [];
  let text = "", done = 0;
  for (const { 0: whole, 1: language, 2: block, 3: sign, 4: inner, index } of words.matchAll(MARKED)) {
    text += words.slice(done, index);
    const inside = block !== undefined || sign === "`" ? { text: block ?? inner, entities: [] } : unmarked(inner, start + text.length);
    const entity = { type: block === undefined ? KINDS[sign] : "pre", offset: start + text.length, length: inside.text.length };
    entities.push(language ? { ...entity, language } : entity, ...inside.entities);
    text += inside.text;
    done = index + whole.length;
  }
  return { text: text + words.slice(done), entities };
}

/** A text as it is written in the field: with signs where its entities begin and end. */
export function marked(text, entities = []) {
  const signs = [];
  entities.forEach(({ type, offset, length, language }, index) => {
    const block = type === "pre", begin = block ? `\`\`\`${language ?? ""}\n` : SIGNS[type];
    if (begin) signs.push([offset, 1, index, begin], [offset + length, 0, -index, block ? "\n```" : begin]);
  });
  signs.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  let words = "", done = 0;
  for (const [at, , , sign] of signs) {
    words += text.slice(done, at) + sign;
    done = at;
  }
  return words + text.slice(done);
}
