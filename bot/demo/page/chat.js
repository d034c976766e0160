// One phone's chat: what GET /phones/{n} says becomes bubbles, and only what changed is drawn again.

import { outside, rich } from "./rich.js";

const NEAR_THE_END = 90;  // pixels: whoever reads further up is not pulled down
const ABOVE = 8;          // pixels that stay free above a message longer than the screen

/**
 * Keeps the log of one phone in step with its state.
 * @param {HTMLElement} log
 * @param {HTMLElement} down the button that leads to the end
 * @param {object} acts tap, open, openThere, share, copy, command, enlarge: what a visitor can do here
 * @param {Record<string, string>} words
 */
export function chat(log, down, acts, words) {
  const drawn = new Map();  // key -> {node, digest}
  let following = true;
  log.addEventListener("scroll", look);
  down.addEventListener("click", () => { toEnd(); log.focus(); });
  new ResizeObserver(() => { if (following) toEnd(); }).observe(log);

  function look() {
    following = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_THE_END;
    down.hidden = following;
  }

  function toEnd() { log.scrollTop = log.scrollHeight; }

  /** Down to what came last; of what is longer than the screen, to its beginning. */
  function toNewest(node) {
    log.scrollTop += node.getBoundingClientRect().top - log.getBoundingClientRect().top - ABOVE;
    look();
  }

  function show(state) {
    const items = itemsOf(state);
    const newest = items.at(-1)?.key;
    const arrived = newest !== undefined && !drawn.has(newest);
    const keys = new Set(items.map((item) => item.key));
    for (const [key, old] of drawn) {
      if (!keys.has(key)) { old.node.remove(); drawn.delete(key); }
    }
    let before = null;
    for (const item of items) {
      const node = nodeFor(item, state);
      const place = before ? before.nextSibling : log.firstChild;
      if (node !== place) log.insertBefore(node, place);
      before = node;
    }
    if (arrived) toNewest(before);
    else if (following) toEnd();
    look();
  }

  function nodeFor(item, state) {
    const digest = JSON.stringify([item.data, state.other]);
    const old = drawn.get(item.key);
    if (old?.digest === digest) return old.node;
    const node = old?.node ?? document.createElement(item.kind === "day" ? "p" : "article");
    const spot = focusSpot(node);
    if (item.kind === "day") dayInto(node, item.data);
    else if (item.kind === "note") noteInto(node, item.data, state);
    else messageInto(node, item.data, state);
    if (old) freshen(node);
    drawn.set(item.key, { node, digest });
    spot?.();
    return node;
  }

  function messageInto(node, message, state) {
    const mine = !message.from?.is_bot;
    const bubble = div("bubble");
    const text = asShown(message);
    const links = [];
    node.className = `message ${mine ? "mine" : "theirs"}`;
    if (message.photo?.length) bubble.append(pictureOf(message.photo.at(-1)));
    if (message.document) bubble.append(documentOf(message.document));
    const body = div("text");
    if (text) {
      body.append(rich(text, message.entities ?? message.caption_entities ?? [], {
        words, command: commandLink,
        link: (url, label) => linked(url, label, state, acts.openThere, links),
      }));
    }
    body.append(stamp(message.date, message.disable_notification));
    bubble.append(body);
    node.replaceChildren(bubble);
    for (const code of new Set(links)) {
      node.append(wayButton(words.openThere.replace("{other}", state.other), () => acts.openThere(code)));
    }
    const rows = message.reply_markup?.inline_keyboard;
    if (rows?.length) node.append(keyboard(rows, message, state));
  }

  function noteInto(node, note, state) {
    const links = [];
    const bubble = div("bubble");
    const from = document.createElement("p");
    const body = div("text");
    from.className = "from";
    from.textContent = words.note.replace("{name}", note.sender);
    body.append(rich(note.text, [], {
      words, command: commandLink,
      link: (url, label) => linked(url, label, state, acts.open, links),
    }));
    body.append(stamp(note.date, false));
    bubble.append(from, body);
    node.className = "message theirs note";
    node.replaceChildren(bubble);
    for (const code of new Set(links)) node.append(wayButton(words.openHere, () => acts.open(code)));
  }

  function linked(url, label, state, follow, links) {
    const code = invitation(url, state.bot.username);
    if (code === null) return outside(url, label);
    links.push(code);
    const link = document.createElement("a");
    link.href = url;
    link.append(label);
    link.addEventListener("click", (event) => { event.preventDefault(); follow(code); });
    return link;
  }

  function commandLink(name) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "command";
    button.textContent = name;
    button.addEventListener("click", () => acts.command(name));
    return button;
  }

  function pictureOf(photo) {
    const button = document.createElement("button");
    const image = document.createElement("img");
    button.type = "button";
    button.className = "picture";
    image.alt = words.picture;
    image.src = acts.fileUrl(photo.file_id);
    if (photo.width && photo.height) { image.width = photo.width; image.height = photo.height; }
    button.append(image);
    button.addEventListener("click", () => acts.enlarge(image.src));
    return button;
  }

  function documentOf(file) {
    const link = document.createElement("a");
    const about = document.createElement("span");
    const size = document.createElement("small");
    link.className = "document";
    link.href = acts.fileUrl(file.file_id);
    link.download = file.file_name ?? "file";
    about.textContent = link.download;
    size.textContent = sizeOf(file.file_size);
    about.append(size);
    link.append(copyOf("page-icon"), about);
    return link;
  }

  function keyboard(rows, message, state) {
    const board = div("keyboard");
    for (const row of rows) {
      const line = div("row");
      for (const button of row) line.append(keyOf(button, message, state));
      board.append(line);
    }
    return board;
  }

  function keyOf(button, message, state) {
    const key = document.createElement("button");
    key.type = "button";
    key.append(labelOf(button.text));
    if (button.style) key.dataset.style = button.style;
    const { act, sign } = meaning(button, message, state);
    if (sign) key.append(copyOf(`sign-${sign}`));
    if (act) key.addEventListener("click", () => busyWhile(key, act));
    else key.disabled = true;
    return key;
  }

  function meaning(button, message, state) {
    if (button.callback_data !== undefined) return { act: () => acts.tap(message.message_id, button.callback_data) };
    if (button.copy_text) return { act: () => acts.copy(button.copy_text.text), sign: "copy" };
    const query = button.switch_inline_query ?? button.switch_inline_query_chosen_chat?.query;
    if (query !== undefined) return { act: () => acts.share(query), sign: "share" };
    if (!button.url) return {};
    const shared = shareText(button.url);
    if (shared !== null) return { act: () => acts.share(shared), sign: "share" };
    const code = invitation(button.url, state.bot.username);
    if (code !== null) return { act: () => acts.openThere(code), sign: "there" };
    return { act: () => { outside(button.url, "").click?.(); }, sign: "out" };
  }

  /** What a tap on a button without data does: what its sign says. */
  function use(button, state) {
    return meaning(button, { message_id: 0 }, state).act?.();
  }

  return { show, use };
}

/** Days, messages and notes in the order in which they stand. */
function itemsOf(state) {
  const items = [];
  let day = "";
  const add = (key, kind, data) => {
    const today = new Date(data.date * 1000).toDateString();
    if (today !== day) items.push({ key: `d${today}`, kind: "day", data: data.date });
    day = today;
    items.push({ key, kind, data });
  };
  const notes = state.notes.map((note, index) => [`n${index}`, note]);
  const place = (upTo) => {
    while (notes.length && notes[0][1].after < upTo) {
      const [key, note] = notes.shift();
      add(key, "note", note);
    }
  };
  for (const message of state.messages) {
    place(message.message_id);
    add(`m${message.message_id}`, "message", message);
  }
  place(Infinity);
  return items;
}

/** The words of a message. What a link brings along with Start is not shown: the apps tell it to the bot alone. */
function asShown(message) {
  const text = message.text ?? message.caption ?? "";
  return message.from?.is_bot ? text : text.replace(/^(\/start) \S+$/, "$1");
}

/** The text that a link to Telegram's share sheet hands over, or null for any other link. */
export function shareText(link) {
  const url = parsed(link);
  if (!url || !isTelegram(url) || url.pathname !== "/share/url") return null;
  return [url.searchParams.get("text"), url.searchParams.get("url")].filter(Boolean).join("\n");
}

/** The code of a link that starts this bot, or null for any other link. */
export function invitation(link, username) {
  const url = parsed(link);
  if (!url || !isTelegram(url) || url.pathname.slice(1).toLowerCase() !== username.toLowerCase()) return null;
  return url.searchParams.get("start");
}

const isTelegram = (url) => ["t.me", "telegram.me"].includes(url.hostname);

function parsed(link) {
  try { return new URL(/^[a-z]+:/i.test(link) ? link : `https://${link}`); } catch { return null; }
}

function stamp(seconds, silent) {
  const line = document.createElement("time");
  const at = new Date(seconds * 1000);
  line.dateTime = at.toISOString();
  if (silent) line.append(copyOf("bell-off"));
  line.append(at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }));
  return line;
}

const copyOf = (template) => document.getElementById(template).content.cloneNode(true);

function sizeOf(bytes) {
  if (!bytes) return "";
  const [unit, amount] = bytes < 1000 ? ["byte", bytes] : ["kilobyte", bytes / 1000];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: bytes < 1000 ? "long" : "short", maximumFractionDigits: 1 }).format(amount);
}

function dayInto(node, seconds) {
  node.className = "day";
  node.textContent = new Date(seconds * 1000).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}

/** After a message is drawn again, the keyboard's focus stays where it was. */
function focusSpot(node) {
  const keys = [...node.querySelectorAll(".keyboard button")];
  const index = keys.indexOf(document.activeElement);
  if (index < 0) return null;
  return () => {
    const now = [...node.querySelectorAll(".keyboard button")];
    (now[index] ?? now.at(-1) ?? node.closest(".log"))?.focus({ preventScroll: true });
  };
}

function freshen(node) {
  node.classList.remove("fresh");
  void node.offsetWidth;  // so that the animation runs again
  node.classList.add("fresh");
}

async function busyWhile(key, act) {
  key.setAttribute("aria-busy", "true");
  try { await act(); } finally { key.removeAttribute("aria-busy"); }
}

/** The words of a button: cut where they do not fit into one line, as Telegram's apps cut them, and whole on a closer look. */
function labelOf(text) {
  const label = document.createElement("span");
  label.textContent = text;
  label.title = text;
  return label;
}

function wayButton(label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "way";
  button.textContent = label;
  button.addEventListener("click", act);
  return button;
}

function div(name) {
  const node = document.createElement("div");
  node.className = name;
  return node;
}
