// Growing in place: the old nodes stay, so selections, open spoilers and pressed buttons survive an edit.

import { span } from "../look/element.js";

export function grow(root, fragment) {
  for (const mark of root.querySelectorAll("span.fresh")) mark.replaceWith(...mark.childNodes);
  root.normalize();
  merge(root, fragment);
}

function merge(old, fresh) {
  let node = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const following = node?.nextSibling ?? null;
    if (node && alike(node, next)) renew(node, next);
    else if (node) node.replaceWith(next);
    else old.append(next);
    node = following;
  }
  while (node) { const following = node.nextSibling; node.remove(); node = following; }
}

const alike = (a, b) => a.nodeName === b.nodeName && a.dataset?.kind === b.dataset?.kind;

function renew(node, next) {
  if (node.nodeType === Node.ELEMENT_NODE) {
    for (const name of ["href", "title", "src", "data-words"]) {
      if (next.hasAttribute(name)) node.setAttribute(name, next.getAttribute(name));
    }
    merge(node, next);
  } else if (node.data !== next.data) {
    const kept = sharedWords(node.data, next.data);
    if (!kept) return void (node.data = next.data);
    node.deleteData(kept, node.data.length - kept);
    if (kept < next.data.length) node.after(span("fresh", next.data.slice(kept)));
  }
}

/** The length of the whole words that two texts begin with: letters that join or combine are not torn apart. */
function sharedWords(old, fresh) {
  let length = 0;
  while (length < old.length && old[length] === fresh[length]) length += 1;
  return /\S/.test(fresh[length] ?? "") ? old.slice(0, length).search(/\S*$/) : length;
}
