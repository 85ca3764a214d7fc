// The words of the page in the language of its reader, and what the browser keeps for them.

const WORDS = await (await fetch(new URL("words.json", import.meta.url))).json();

/** Languages that the page speaks, in the order in which its button offers them. */
const LANGUAGES = Object.keys(WORDS);

export const saved = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
export const save = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private windows may refuse */ } };

const spoken = (name) => (LANGUAGES.includes(name) ? name : null);

export let language = spoken(saved("language")) ?? spoken(navigator.language.slice(0, 2).toLowerCase()) ?? "en";

/** Speak another language from now on. */
export function setLanguage(name) {
  language = name;
  save("language", name);
}

/** The page's words for `name` in the chosen language, with {values} put in. */
export function t(name, values = {}) {
  return WORDS[language][name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

/** The language that the button offers: how it is called there, and in short. */
export function nextLanguage() {
  const next = LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length];
  return { code: next, short: WORDS[next].language_short, name: WORDS[next].language_name };
}
