// Telegram's formatting as DOM nodes. What the bot says only ever becomes text nodes and checked links.

const ELEMENTS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span",
};
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]/g;
const COMMAND = /(?<![^\s(])\/[a-z][a-z0-9_]{0,31}\b/g;
const SAFE_LINK = /^(https?:|mailto:|tel:)/i;

/**
 * A text with its formatting.
 * @param {string} text
 * @param {{type: string, offset: number, length: number, url?: string}[]} entities offsets in UTF-16 units, as JavaScript counts too
 * @param {{link: (url: string, label: Node) => Node, command: (name: string) => Node, words: Record<string, string>}} make
 */
export function rich(text, entities, make) {
  const all = [...entities, ...found(text, entities)].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return span(text, 0, text.length, all, make);
}

/** Links and commands that stand in the text without an entity of their own, as Telegram's apps find them too. */
function found(text, entities) {
  const free = (start, end) => entities.every((e) =>
    !["url", "text_link", "bot_command", "code", "pre"].includes(e.type) || e.offset >= end || e.offset + e.length <= start);
  const links = [...text.matchAll(LINK)].map((hit) => ({ type: "url", offset: hit.index, length: hit[0].length }));
  const inLink = (at) => links.some((l) => at >= l.offset && at < l.offset + l.length);
  const commands = [...text.matchAll(COMMAND)]
    .filter((hit) => !inLink(hit.index))
    .map((hit) => ({ type: "bot_command", offset: hit.index, length: hit[0].length }));
  return [...links, ...commands].filter((e) => free(e.offset, e.offset + e.length));
}

function span(text, start, end, entities, make) {
  const out = document.createDocumentFragment();
  let at = start;
  let rest = entities;
  while (rest.length) {
    const [entity, ...later] = rest;
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) { rest = later; continue; }
    out.append(text.slice(at, from));
    const inside = later.filter((e) => e.offset < to);
    out.append(wrapped(entity, text.slice(from, to), span(text, from, to, inside, make), make));
    // A quotation ends its own line, as in Telegram's apps.
    at = entity.type.endsWith("blockquote") && text[to] === "\n" ? to + 1 : to;
    rest = later.filter((e) => e.offset + e.length > to);
  }
  out.append(text.slice(at, end));
  return out;
}

function wrapped(entity, plain, inner, make) {
  if (entity.type === "url") return make.link(plain, inner);
  if (entity.type === "text_link") return make.link(entity.url ?? "", inner);
  if (entity.type === "bot_command") return make.command(plain);
  const name = ELEMENTS[entity.type];
  if (!name) return inner;
  const node = document.createElement(name);
  node.append(inner);
  if (entity.type === "spoiler") return spoiler(node, make.words);
  if (entity.type === "expandable_blockquote") return folded(node, make.words);
  return node;
}

function spoiler(node, words) {
  const show = () => {
    node.className = "spoiler shown";
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.className = "spoiler";
  node.setAttribute("role", "button");
  node.setAttribute("tabindex", "0");
  node.setAttribute("aria-label", words.spoiler);
  node.addEventListener("click", show, { once: true });
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(); }
  });
  return node;
}

function folded(quote, words) {
  const block = document.createElement("div");
  const toggle = document.createElement("button");
  const turn = (open) => {
    block.classList.toggle("open", open);
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = open ? words.fold : words.unfold;
  };
  block.className = "folded";
  toggle.type = "button";
  toggle.addEventListener("click", () => turn(!block.classList.contains("open")));
  turn(false);
  // A quotation that fits is shown whole: there is nothing to unfold.
  new ResizeObserver(() => {
    const whole = !block.classList.contains("open") && quote.scrollHeight <= quote.clientHeight + 2;
    block.classList.toggle("whole", whole);
    toggle.hidden = whole;
  }).observe(quote);
  block.append(quote, toggle);
  return block;
}

/** A link that leads out of the page; anything but the web, mail and telephone stays plain text. */
export function outside(url, label) {
  if (!SAFE_LINK.test(url)) return label;
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.append(label);
  return link;
}
