// "Answer the rest": the page reads the question and taps, as a person would. The bot knows nothing of it.

const PAUSE = 320;        // milliseconds between taps, so that a visitor can watch
const PATIENCE = 8000;    // milliseconds until the bot's next question is given up
const GRACE = 1500;       // milliseconds in which a message may lose its buttons before the next one brings new ones
const SPREAD = 0.9;       // how far an answer strays from the leaning, in answers
const MOOD = 0.12;        // how far a person's leaning strays from one week to another

export const { answers, closings, people, statements } = await (await fetch("/page/leanings.json")).json();

/** The newest message that asks something: one of the five answers, or a closing question; null if there is none. */
export function question(state) {
  const message = state?.messages.findLast((m) => m.reply_markup?.inline_keyboard?.length);
  const rows = message?.reply_markup.inline_keyboard ?? [];
  const first = rows.findIndex((row) => row[0].text === answers[0]);
  const keys = rows.slice(first, first + answers.length);
  if (first < 0) return closing(message, rows);
  if (!answers.every((label, i) => keys[i]?.length === 1 && keys[i][0].text === label)) return null;
  return { id: message.message_id, text: message.text ?? message.caption ?? "", data: keys.map((row) => row[0].callback_data) };
}

/** Whether the newest message has buttons, and asks nothing of what can be answered here. */
function over(state) {
  return question(state) ? null : state?.messages.at(-1)?.reply_markup?.inline_keyboard?.length && { data: null };
}

/** A closing question, whose one usual answer is known; null if the message is none. */
function closing(message, rows) {
  const text = message?.text ?? message?.caption ?? "";
  const known = closings.find((one) => text.includes(one.asks));
  const key = known && rows.flat().find((button) => button.text === known.answer);
  return key ? { id: message.message_id, text, data: [key.callback_data] } : null;
}

/**
 * Answers until the questions end, the bot falls silent, or the signal says stop.
 * @param {number} who 0 for the left phone, 1 for the right one
 * @param {{state: () => object, tap: (id: number, data: string) => Promise<boolean>, changed: (ms: number) => Promise<void>}} phone
 * @param {AbortSignal} signal
 */
export async function answerTheRest(who, phone, signal) {
  const mood = moodOf(people[who]);
  while (!signal.aborted) {
    const asked = await within(GRACE, phone, signal, () => question(phone.state()) ?? over(phone.state()));
    if (!asked?.data || signal.aborted) return;
    await pause(PAUSE, signal);
    if (signal.aborted || !(await phone.tap(asked.id, asked.data.at(asked.data.length === 1 ? 0 : answerTo(asked.text, mood))))) return;
    const moved = await within(PATIENCE, phone, signal, () => !same(question(phone.state()), asked));
    if (!moved) return;
  }
}

const same = (now, then) => now !== null && now.id === then.id && now.text === then.text && now.data[0] === then.data[0];

async function within(milliseconds, phone, signal, look) {
  const end = performance.now() + milliseconds;
  for (;;) {
    const seen = look();
    const left = end - performance.now();
    if (seen || left <= 0 || signal.aborted) return seen;
    await phone.changed(left, signal);
  }
}

function pause(milliseconds, signal) {
  return new Promise((go) => {
    const timer = setTimeout(go, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); go(); }, { once: true });
  });
}

/** A person's leaning this week. */
export const moodOf = (person) => ({ i: person.i + MOOD * around(), you: person.you + MOOD * around() });

/** Which of the five answers: near what the person leans to, near the other end for a statement turned round. */
export function answerTo(text, mood) {
  const known = statements.find((statement) => text.includes(statement.says));
  const lean = known ? mood[known.about] : 0.5;
  const level = (known?.turned ? 1 - lean : lean) * (answers.length - 1) + SPREAD * around();
  return Math.min(answers.length - 1, Math.max(0, Math.round(level)));
}

/** A number around zero, mostly small, never beyond one. */
const around = () => Math.random() - Math.random();
