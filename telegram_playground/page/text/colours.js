// Colours in code. The browser's highlights draw them, so the nodes of a text that grows stay as they are.

import { scroller } from "../look/element.js";

const MOST = 20_000;  // characters of one block; a longer one has no colours
const COMMENTS = {
  "#.*": "python py bash sh shell zsh ruby rb perl r yaml yml toml dockerfile makefile ini",
  "//.*|/\\*[^]*?(?:\\*/|$)": "javascript js jsx typescript ts tsx java kotlin kt c cpp c++ h csharp cs go rust rs swift php scala dart css scss",
  "--.*": "sql lua haskell hs",
  "(?!)": "json",
};
const QUOTED = `"""[^]*?(?:"""|$)|"(?:\\\\.|[^"\\\\\\n])*"?|'(?:\\\\.|[^'\\\\\\n])*'|\`(?:\\\\.|[^\`\\\\])*(?:\`|$)`;
const WORDS = "abstract and as assert async await break case catch class const continue def default defer del delete do done elif else end enum " +
  "esac except export extends extern False false fi final finally fn for foreach from func function global go if impl implements import in " +
  "include instanceof interface is lambda let loop local match mod mut namespace new nil None not null of or package pass private protected " +
  "pub public raise readonly require return select self static struct super switch then this throw trait True true try type typedef typeof " +
  "undefined unless until use using val var virtual void when where while with yield";
const QUERY = "all alter and as asc between by case create delete desc distinct drop else end exists from full group having in index inner insert " +
  "into is join key left like limit not null offset on or order outer primary right select set table then union unique update values view when where with";

const readers = new Map();  // language -> the expression that reads its code
for (const [comment, names] of Object.entries(COMMENTS)) {
  for (const name of names.split(" ")) {
    const words = (name === "sql" ? QUERY : WORDS).replaceAll(" ", "|"), start = comment.startsWith("#") ? "(?<![\\w$&{])" : "";
    const kinds = { comment: `${start}(?:${comment})`, string: QUOTED, number: "\\b\\d[\\w.]*", keyword: `(?<![\\w.$-])(?:${words})(?![\\w-])` };
    const source = Object.entries(kinds).map(([kind, pattern]) => `(?<${kind}>${pattern})`).join("|");
    readers.set(name, new RegExp(source, name === "sql" ? "gi" : "g"));
  }
}

/** Return the pieces of a code that have a colour: [kind, from, to]. */
export function pieces(code, language) {
  const reader = readers.get(language.toLowerCase());
  if (!reader || code.length > MOST) return [];
  return [...code.matchAll(reader)].map(({ groups, index, 0: whole }) =>
    [Object.keys(groups).find((kind) => groups[kind] !== undefined), index, index + whole.length]);
}

const known = new WeakMap();  // code's element -> what it said, and its pieces

function piecesOf(node) {
  const text = node.textContent, language = node.closest(".pre").dataset.kind.slice("pre/".length);
  if (known.get(node)?.text !== text) known.set(node, { text, found: pieces(text, language) });
  return known.get(node).found;
}

/** Give each piece of an element's text its range; a piece may begin and end in different text nodes. */
function mark(node, ranges) {
  const found = piecesOf(node), walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  let text = found.length ? walker.nextNode() : null, start = 0;
  const reach = (at) => {
    while (text && at > start + text.length) { start += text.length; text = walker.nextNode(); }
    return text && [text, at - start];
  };
  for (const [kind, from, to] of found) {
    const begin = reach(from), end = begin && reach(to);
    if (!end) return;
    ranges[kind].push(new StaticRange({ startContainer: begin[0], startOffset: begin[1], endContainer: end[0], endOffset: end[1] }));
  }
}

function paint() {
  const ranges = { comment: [], string: [], number: [], keyword: [] };
  for (const node of scroller.querySelectorAll(".pre pre > code")) mark(node, ranges);
  for (const [kind, all] of Object.entries(ranges)) CSS.highlights.set(`code-${kind}`, new Highlight(...all));
}

let planned = 0;

/** Colour whatever code comes and grows; a browser without highlights shows it plain. */
export function watchCode() {
  if (!globalThis.CSS?.highlights) return;
  const plan = () => { planned ||= requestAnimationFrame(() => { planned = 0; paint(); }); };
  new MutationObserver(plan).observe(scroller, { subtree: true, childList: true, characterData: true });
}
