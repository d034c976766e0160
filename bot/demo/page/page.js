// Two phones and a clock. The server keeps the state; this page shows it and passes on what the visitor does.

import { answerTheRest, question } from "./answering.js";
import { chat } from "./chat.js";
import { playMonth } from "./play.js";

const NOTICE_SHOWN = 3500;  // milliseconds
const CLOCK_ASKED = 10000;  // milliseconds: what is due can change without a tap
const HEADERS = { "Content-Type": "application/json", "X-Two-Phones": "1" };

const byId = (id) => document.getElementById(id);
const words = Object.fromEntries([...byId("words").content.querySelectorAll("[data-word]")].map((p) => [p.dataset.word, p.textContent]));
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** Sends an errand; true if the server did it. */
async function send(path, errand = {}) {
  try {
    const reply = await fetch(path, { method: "POST", headers: HEADERS, body: JSON.stringify(errand) });
    trouble(reply.status >= 500);
    if (reply.status === 409) for (const one of both) one.refresh();  // the button has gone meanwhile
    if (reply.ok) showClock(await reply.json());
    return reply.ok;
  } catch {
    trouble(true);
    return false;
  }
}

async function get(path) {
  try {
    const reply = await fetch(path);
    if (reply.ok) return await reply.json();
  } catch { /* said below */ }
  trouble(true);
  return null;
}

function trouble(is) {
  const words_ = is ? words.lost : "";
  if (byId("trouble").textContent !== words_) byId("trouble").textContent = words_;
}

// ---- a phone ----------------------------------------------------------------------------------------------------

function phone(number) {
  const root = byId("phone").content.cloneNode(true).firstElementChild;
  const part = (selector) => root.querySelector(selector);
  const log = part(".log"), input = part("input"), menu = part(".menu"), menuButton = part(".menu-button"), rest = part(".rest");
  const base = `/phones/${number}`;
  let state = null, fetching = null, again = false, stopping = null, hiding = 0;
  const waiting = new Set();

  const acts = {
    tap: (id, data) => send(`${base}/tap`, { message_id: id, data }),
    open: (payload) => send(`${base}/open`, { payload }),
    openThere: async (payload) => {
      if (await send(`/phones/${3 - number}/open`, { payload })) notice(fill(words.opened, state));
    },
    share: async (text) => {
      if (await send(`${base}/share`, { text })) notice(fill(words.shared, state));
    },
    copy: (text) => navigator.clipboard.writeText(text).then(() => notice(words.copied), () => notice(words.notCopied)),
    command: (name) => send(`${base}/say`, { text: name }),
    fileUrl: (id) => `${base}/files/${encodeURIComponent(id)}`,
    enlarge: (url) => { byId("large").querySelector("img").src = url; byId("large").showModal(); },
  };
  const bubbles = chat(log, part(".down"), acts, words);
  acts.use = (button) => bubbles.use(button, state);
  root.classList.add(number === 1 ? "left" : "right");

  async function fetchState() {
    const got = await get(base);
    if (got) { state = got; show(); }
  }

  /** Fetches the chat; what changes meanwhile is fetched once more. */
  function refresh() {
    again = true;
    fetching ??= (async () => {
      while (again) { again = false; await fetchState(); }
      fetching = null;
    })();
    return fetching;
  }

  function show() {
    const silent = state.messages.length === 0;
    root.setAttribute("aria-label", fill(words.phone, state));
    part("h2").textContent = fill(words.phone, state);
    part(".bot-name").textContent = state.bot.name;
    log.setAttribute("aria-label", fill(words.log, state));
    log.dataset.empty = state.notes.length || !silent ? "" : `${words.empty} ${fill(words.emptyHint, state)}`;
    input.setAttribute("aria-label", fill(words.entry, state));
    input.placeholder = fill(words.entry, state);
    part(".start").hidden = !silent;
    part(".say").hidden = silent;
    bubbles.show(state);
    showRest();
    for (const go of [...waiting]) go();
  }

  function showRest() {
    rest.hidden = !stopping && !question(state);
    rest.textContent = stopping ? words.stop : words.rest;
    rest.classList.toggle("running", Boolean(stopping));
    rest.setAttribute("aria-label", stopping ? words.stop : fill(words.restLabel, state));
  }

  function changed(milliseconds, signal) {
    return new Promise((resolve) => {
      const go = () => { clearTimeout(timer); waiting.delete(go); resolve(); };
      const timer = setTimeout(go, milliseconds);
      waiting.add(go);
      signal.addEventListener("abort", go, { once: true });
    });
  }

  async function answering() {
    if (stopping) { stopping.abort(); return; }
    stopping = new AbortController();
    showRest();
    await answerTheRest(number - 1, { state: () => state, tap: acts.tap, changed }, stopping.signal);
    stopping = null;
    const wasThere = document.activeElement === rest;
    showRest();
    if (wasThere && rest.hidden) log.focus({ preventScroll: true });  // a button that goes takes the keyboard's place with it
  }

  const keyWith = (label) => [...log.querySelectorAll(".keyboard button")].findLast((one) => one.textContent === label);

  /** Brings a button into sight, so that a visitor sees where the play is about to tap. */
  function reveal(label) {
    keyWith(label)?.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  /** Shows a button as pressed. */
  function press(label, milliseconds) {
    const key = keyWith(label);
    key?.classList.add("pressed");
    setTimeout(() => key?.classList.remove("pressed"), milliseconds);
  }

  function notice(text, alert = false) {
    if (alert) { byId("alert-text").textContent = text; byId("alert").showModal(); return; }
    const toast = part(".toast");
    toast.textContent = text;
    toast.classList.add("shown");
    clearTimeout(hiding);
    hiding = setTimeout(() => toast.classList.remove("shown"), NOTICE_SHOWN);
  }

  function showMenu(open) {
    const typed = input.value.startsWith("/") ? input.value.slice(1).toLowerCase() : "";
    const fitting = (state?.commands ?? []).filter((c) => c.command.startsWith(typed));
    menu.hidden = !open || !fitting.length;
    menuButton.setAttribute("aria-expanded", String(!menu.hidden));
    menu.replaceChildren(...fitting.map(({ command, description }) => {
      const item = document.createElement("button");
      const name = document.createElement("b");
      item.type = "button";
      name.textContent = `/${command}`;
      item.append(name, description);
      item.addEventListener("click", () => { say(`/${command}`); input.focus(); });
      return item;
    }));
  }

  function menuKeys(event) {
    const items = [...menu.children];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && !menu.hidden) { showMenu(false); input.focus(); }
    else if (step && !menu.hidden) {
      event.preventDefault();
      items.at(at < 0 && step < 0 ? -1 : (at + step) % items.length).focus();
    }
  }

  function say(text) {
    input.value = "";
    showMenu(false);
    send(`${base}/say`, { text });
  }

  part(".say").addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) say(input.value);
  });
  root.addEventListener("keydown", menuKeys);
  input.addEventListener("input", () => showMenu(input.value.startsWith("/")));
  menuButton.addEventListener("click", () => { showMenu(menu.hidden); if (!menu.hidden) menu.firstChild.focus(); });
  root.addEventListener("focusout", (event) => { if (!root.contains(event.relatedTarget)) showMenu(false); });
  part(".start").addEventListener("click", () => { say("/start"); log.focus(); });
  rest.addEventListener("click", answering);
  byId("phones").append(root);
  const begin = () => part(".start").focus();
  return { acts, begin, notice, press, refresh, reveal, state: () => state, stop: () => stopping?.abort() };
}

// ---- the clock --------------------------------------------------------------------------------------------------

const time = { shift: 0, state: null, moving: false };
const moments = (seconds, options) => new Date(seconds * 1000).toLocaleString("en-GB", options);

function showClock(state) {
  time.state = state;
  time.shift = state.now - Date.now() / 1000;
  byId("due").dataset.due = state.next_due ?? "";
  byId("restart").hidden = !state.can_restart;
  tick();
}

function tick() {
  if (!time.state) return;
  const { next_due: due } = time.state;
  const now = Date.now() / 1000 + time.shift;
  const shown = moments(now, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const when = due && moments(due, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const next = due ? fill(words.nextDue, { when }) : words.nothingDue;
  const soon = due !== null && due > now && due - now <= 60;
  setText(byId("now"), shown);
  setText(byId("due"), time.moving ? words.moving : next);
  byId("now").dateTime = new Date(now * 1000).toISOString();
  byId("soon").hidden = !soon;
  byId("next").hidden = soon;  // it takes its place, so that nothing moves under the hand
  for (const button of document.querySelectorAll(".moves button")) button.disabled = time.moving;
  if (!due) byId("next").disabled = true;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

async function move(step) {
  const before = newest();
  time.moving = true;
  tick();
  await send(`/clock/${step}`);
  time.moving = false;
  tick();
  await Promise.all(both.map((one) => one.refresh()));
  if (!playing) tellOfSilence(["week", "next"].includes(step) && newest() === before);
}

const newest = () => both.map((one) => one.state()?.messages.at(-1)?.message_id ?? 0).join();

/** Time has passed and neither phone says so: that has a reason, which a visitor cannot see. */
function tellOfSilence(is) {
  if (is) caption("silence");
  else if (byId("caption").dataset.scene === "silence") byId("caption").hidden = true;
}

async function askClock() {
  const state = await get("/clock");
  if (state && !time.moving) showClock(state);
}

let asking = 0;
function askClockSoon() {
  clearTimeout(asking);
  asking = setTimeout(askClock, 250);
}

// ---- together ---------------------------------------------------------------------------------------------------

const both = [phone(1), phone(2)];

async function startOver() {
  byId("sure").returnValue = "";
  byId("sure").showModal();
  await new Promise((done) => { byId("sure").addEventListener("close", done, { once: true }); });
  if (byId("sure").returnValue !== "yes") return;
  for (const one of both) one.stop();
  playing?.abort();
  time.moving = true;
  tick();
  await send("/phones/restart");
  location.reload();
}

// ---- the play ---------------------------------------------------------------------------------------------------

let playing = null;

/** Offers the play and the phones, where nobody has begun. */
function offer() {
  const untouched = both.every((one) => one.state()?.messages.length === 0);
  if (untouched && !offered) byId("opening").showModal();
  offered = true;
}
let offered = false;

async function play() {
  playing = new AbortController();
  showPlay(true);
  // For tests and for the tour: how long pauses last, as a part of what is written.
  const pace = Number(new URLSearchParams(location.search).get("pace") ?? 1);
  const [kim, noor] = both;
  let over = "playStopped";
  try {
    if (await playMonth({ kim, noor, move, say: caption, signal: playing.signal, pace })) over = "playOver";
  } catch (error) {
    console.error(error);
    over = "playStuck";
  }
  playing = null;
  showPlay(false);
  caption(over);
}

function caption(name) {
  byId("caption").hidden = false;
  setText(byId("caption-text"), words[name]);
  byId("caption").dataset.scene = name;
}

function showPlay(is) {
  byId("stop-play").hidden = !is;
  document.documentElement.classList.toggle("playing", is);
}

function listen() {
  const events = new EventSource("/phones/events");
  events.addEventListener("hello", () => {
    trouble(false);
    Promise.all(both.map((one) => one.refresh())).then(offer);
    askClock();
  });
  events.addEventListener("phone", (event) => {
    both[JSON.parse(event.data).phone - 1]?.refresh();
    askClockSoon();
  });
  events.addEventListener("notice", (event) => {
    const { phone: number, text, alert } = JSON.parse(event.data);
    both[number - 1]?.notice(text, alert);
  });
  events.addEventListener("error", () => {
    trouble(true);
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
}

for (const button of document.querySelectorAll("[data-step]")) button.addEventListener("click", () => move(button.dataset.step));
byId("restart").addEventListener("click", startOver);
byId("stop-play").addEventListener("click", () => playing?.abort());
byId("opening").addEventListener("close", () => {
  if (byId("opening").returnValue === "play") play();
  else both[0].begin();
});
byId("large").addEventListener("click", () => byId("large").close());
setInterval(tick, 1000);
setInterval(askClock, CLOCK_ASKED);
listen();
document.documentElement.dataset.ready = "yes";
