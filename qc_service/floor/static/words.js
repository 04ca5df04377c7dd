// The words and the numbers of whoever holds the tablet.

let words = { language: "en", decimal: ".", texts: {}, languages: {} };

export const language = () => words.language;
export const languageName = (code) => words.languages[code] ?? code;

export async function speak(code) {
  const reply = await fetch(`/floor/texts/${code}.json`);
  if (!reply.ok) throw new Error(`no texts in ${code}`);
  words = await reply.json();
  document.documentElement.lang = code;
}

export function t(name, values = {}) {
  const text = words.texts[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

// The sign before the decimals, as the reader writes it.
export const decimalSign = () => words.decimal;
export const written = (number) => String(number).replace(".", words.decimal);

const DAY = { da: { day: "numeric", month: "short" } };

export function time(moment) {
  const at = new Date(moment);
  const today = new Date().toDateString() === at.toDateString();
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(at);
  if (today) return clock;
  const day = new Intl.DateTimeFormat(words.language, DAY[words.language] ?? { day: "numeric", month: "short" });
  return `${day.format(at)} ${clock}`;
}
