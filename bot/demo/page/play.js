// "Play a month": a couple lives a month on both phones, through the same buttons that a visitor has.

import { answerTo, moodOf, people, question } from "./answering.js";

const LOOK = 900;         // milliseconds in which a visitor reads a caption or a screen
const THINK = 200;        // milliseconds before a tap that matters
const FLICK = 55;         // milliseconds between answers: twenty questions are not what the visitor came for
const FINGER = 240;       // milliseconds that a button is seen pressed
const PATIENCE = 20000;   // milliseconds until the play is given up
const DAYS = 8;           // days after which what was to come has not come

/** The play was stopped by the visitor. */
class Stopped extends Error {}

/**
 * Plays the month.
 * @param {{kim: object, noor: object, move: (step: string) => Promise<void>, say: (key: string) => void, signal: AbortSignal, pace: number}} stage
 *   the phones as page.js makes them, the clock, the caption, and how long pauses last (1 is as written)
 * @returns {Promise<boolean>} whether it was played to the end
 */
export async function playMonth(stage) {
  try {
    for (const [caption, act] of SCENES) {
      stage.say(caption);
      await rest(stage, LOOK);
      await act(stage);
      await rest(stage, LOOK);
    }
    return true;
  } catch (error) {
    if (error instanceof Stopped) return false;
    throw error;
  }
}

const SCENES = [
  ["playBegin", async (stage) => {
    await stage.move("wednesday");
    await command(stage, stage.kim, "/start");
    await tap(stage, stage.kim, "I'm 18 or over, let's begin");
    await answer(stage, stage.kim, 0);
    await rest(stage, LOOK);
  }],
  ["playInvite", async (stage) => {
    await tap(stage, stage.kim, "Invite your partner");
    await tap(stage, stage.kim, "Kim");
    await tap(stage, stage.kim, "Send the invitation");
    await follow(stage, stage.noor);
    await rest(stage, LOOK);
    await tap(stage, stage.noor, "I choose this freely");
    await tap(stage, stage.noor, "Noor");
    // Kim's comes by itself: in the midst of a tap it would push the button away.
    await both(stage, (phone) => seen(stage, () => says(phone, "are a pair now")));
    await both(stage, (phone) => tellCity(stage, phone));
  }],
  ["playSecond", async (stage) => {
    await command(stage, stage.noor, "/checkin");
    await answer(stage, stage.noor, 1);
  }],
  ["playChoose", async (stage) => {
    await command(stage, stage.kim, "/picture");
    await both(stage, (phone) => show(stage, phone, "Sizes and words"));
    await rest(stage, LOOK);
  }],
  ["playOpens", async (stage) => {
    await stage.move("minute");
    await both(stage, (phone) => seen(stage, () => hasPicture(phone)));
    await rest(stage, 2 * LOOK);
  }],
  ["playTalk", async (stage) => {
    await command(stage, stage.kim, "/talk");
    await tap(stage, stage.kim, "Apart, each in your own chat");
    await tap(stage, stage.kim, "Ask Noor");
    await tap(stage, stage.noor, "Open it");
    await tap(stage, stage.noor, "Yes, now");
    await tap(stage, stage.kim, "Open it");
    await speak(stage, stage.kim, ["you sang in the kitchen this morning", "light", "more mornings like that"]);
    await tap(stage, stage.noor, "Open it");
    await write(stage, stage.noor, "That the singing did you good");
    await tap(stage, stage.noor, "Send it");
    await tap(stage, stage.kim, "Open it");
    await tap(stage, stage.kim, "Yes, that is it");
    await tap(stage, stage.noor, "Open it");
    await speak(stage, stage.noor, ["you asked about my day on Tuesday", "seen", "an evening walk on Thursdays"]);
    await tap(stage, stage.kim, "Open it");
    await write(stage, stage.kim, "That asking matters, and that you want to walk");
    await tap(stage, stage.kim, "Send it");
    await tap(stage, stage.noor, "Open it");
    await tap(stage, stage.noor, "Yes, that is it");
    await tap(stage, stage.kim, "Open it");
    await write(stage, stage.kim, "How you laugh");
    await tap(stage, stage.kim, "Send it");
    await tap(stage, stage.noor, "Open it");
    await write(stage, stage.noor, "Your patience");
    await tap(stage, stage.noor, "Send it");
    await tap(stage, stage.kim, "Open it");
    await tap(stage, stage.kim, "Close the talk");
    await rest(stage, LOOK);
  }],
  ["playNudge", async (stage) => {
    await days(stage, () => [stage.kim, stage.noor].every((phone) => key(phone, "Start")));
    await rest(stage, LOOK);
  }],
  ["playNothing", async (stage) => {
    await tap(stage, stage.kim, "Start");
    await answer(stage, stage.kim, 0);
    await show(stage, stage.kim, "Sizes");
    await tap(stage, stage.noor, "Start");
    await answer(stage, stage.noor, 1);
    await show(stage, stage.noor, "Nothing");
    await rest(stage, LOOK);
  }],
  ["playSilence", async (stage) => {
    await days(stage, () => [stage.kim, stage.noor].every((phone) => text(phone).startsWith("There is no comparison")));
    await rest(stage, 2 * LOOK);
  }],
  ["playThanks", async (stage) => {
    await command(stage, stage.noor, "/thanks");
    await tap(stage, stage.noor, "For an ordinary day");
    await tap(stage, stage.noor, "Send it");
    await rest(stage, LOOK);
  }],
  ["playThird", async (stage) => { await week(stage); }],
  ["playFourth", async (stage) => { await week(stage); }],
  ["playDance", async (stage) => {
    await both(stage, (phone) => command(stage, phone, "/history"));
    await both(stage, (phone) => seen(stage, () => hasPicture(phone)));
    await rest(stage, LOOK);
  }],
];

/** A week in which both answer and both show. */
async function week(stage) {
  await days(stage, () => [stage.kim, stage.noor].every((phone) => key(phone, "Start")));
  await both(stage, async (phone, who) => {
    await tap(stage, phone, "Start");
    await answer(stage, phone, who);
    await show(stage, phone, "Sizes and words");
  });
  await stage.move("minute");
  await both(stage, (phone) => seen(stage, () => hasPicture(phone)));
  await rest(stage, LOOK);
}

const both = (stage, act) => Promise.all([stage.kim, stage.noor].map((phone, who) => act(phone, who)));

/** Lets time pass, day by day, until something has come. */
async function days(stage, come) {
  for (let day = 0; day < DAYS; day += 1) {
    if (come()) return;
    await stage.move("day");
    await rest(stage, THINK);
    await Promise.all([stage.kim.refresh(), stage.noor.refresh()]);
  }
  if (!come()) throw new Error("what was to come has not come");
}

async function answer(stage, phone, who) {
  const mood = moodOf(people[who]);
  for (;;) {
    const asked = await seen(stage, () => question(phone.state()) ?? (hasPicture(phone) && { over: true }));
    if (asked.over) return;
    await rest(stage, FLICK);
    const data = asked.data.at(asked.data.length === 1 ? 0 : answerTo(asked.text, mood));
    await phone.acts.tap(asked.id, data);
    await seen(stage, () => {
      const next = question(phone.state());
      return next ? next.data[0] !== asked.data[0] : hasPicture(phone);
    });
  }
}

async function show(stage, phone, level) {
  const asks = ["What may Noor see?", "What may Kim see?", "Show this picture"];
  await tap(stage, phone, (await seen(stage, () => asks.find((label) => key(phone, label)))));
  await tap(stage, phone, level);
  await tap(stage, phone, "Share this");
}

async function speak(stage, phone, parts) {
  for (const part of parts) await write(stage, phone, part);
  await tap(stage, phone, "Send it");
}

async function tellCity(stage, phone) {
  await command(stage, phone, "/settings");
  await tap(stage, phone, "Your clock");
  await write(stage, phone, "Berlin");
  await tap(stage, phone, "Berlin");
}

/** Follows the invitation that stands on this phone. */
async function follow(stage, phone) {
  const link = await seen(stage, () => phone.state().notes.at(-1)?.text.match(/[?&]start=([\w-]+)/));
  await rest(stage, LOOK);
  await phone.acts.open(link[1]);
}

async function command(stage, phone, name) {
  await rest(stage, THINK);
  const newest = phone.state().messages.at(-1)?.message_id ?? 0;
  await phone.acts.command(name);
  await seen(stage, () => phone.state().messages.some((m) => m.message_id > newest && m.from?.is_bot));
}

async function write(stage, phone, words) {
  await rest(stage, THINK);
  const before = look(phone);
  await phone.acts.command(words);
  await seen(stage, () => look(phone) !== before && text(phone) !== words);
}

/** Taps the newest button that begins with these words, and waits for what comes of it. */
async function tap(stage, phone, label) {
  phone.reveal((await seen(stage, () => key(phone, label))).button.text);
  await rest(stage, THINK);
  for (;;) {
    const { id, button } = await seen(stage, () => key(phone, label));
    const before = look(phone);
    phone.press(button.text, FINGER);
    if (button.callback_data === undefined) { await phone.acts.use(button); return; }
    if (await phone.acts.tap(id, button.callback_data)) { await seen(stage, () => look(phone) !== before); return; }
    await phone.refresh();  // the screen was just changing: the button stands elsewhere now
  }
}

const newestWithKeys = (phone) => phone.state()?.messages.findLast((m) => m.reply_markup?.inline_keyboard?.length);

function key(phone, label) {
  const message = newestWithKeys(phone);
  const button = message?.reply_markup.inline_keyboard.flat().find((one) => one.text.startsWith(label));
  return button ? { id: message.message_id, button } : null;
}

function text(phone) {
  const message = phone.state()?.messages.at(-1);
  return message?.text ?? message?.caption ?? "";
}

const says = (phone, words) => phone.state()?.messages.some((m) => (m.text ?? m.caption ?? "").includes(words));
const hasPicture = (phone) => Boolean(phone.state()?.messages.findLast((m) => m.from?.is_bot)?.photo);
const look = (phone) => JSON.stringify(phone.state()?.messages.slice(-4));

async function seen(stage, find) {
  const end = performance.now() + PATIENCE;
  for (;;) {
    if (stage.signal.aborted) throw new Stopped();
    const found = find();
    if (found) return found;
    if (performance.now() > end) throw new Error(`the play waits in vain: ${find}`);
    await new Promise((go) => { setTimeout(go, 25); });
  }
}

async function rest(stage, milliseconds) {
  if (stage.signal.aborted) throw new Stopped();
  await new Promise((go) => {
    const timer = setTimeout(go, milliseconds * stage.pace);
    stage.signal.addEventListener("abort", () => { clearTimeout(timer); go(); }, { once: true });
  });
  if (stage.signal.aborted) throw new Stopped();
}
