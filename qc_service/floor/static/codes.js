// What the codes on labels, badges and stations say. `qc_service/codes.py` reads them alike, by one table of examples.

const LONGEST = 2000; // characters
const LONGEST_HOST = 60; // as it is shown
const FORMS = {
  l: ["lot", ["site", "lot"]], u: ["unit", ["site", "lot", "unit"]], s: ["line", ["site", "line"]], b: ["badge", ["badge"]],
};

// Written out, since Python and JavaScript differ in what they call a space.
const SPACES = "\\t-\\r\\x1c-\\x20\\x7f\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";
const NAME = new RegExp(`^[^${SPACES}\\x00-\\x1f/](?:[^\\x00-\\x1f\\x7f/]{0,62}[^${SPACES}\\x00-\\x1f/])?$`, "u");
const ADDRESS = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/s;
const ENROL = /^#enrol=([A-Za-z0-9_-]{1,200})$/;
const TOKEN = /^qcd_[0-9a-z]{26}_[A-Za-z0-9_-]{43}$/; // longer than any name, and so none
const CARD = /^QCB1:(.+):([A-Z2-7]{32})$/is;
const LIKE_CARD = /^QCB1[^0-9A-Za-z]|:[A-Z2-7]{32}$/i; // a part of one, or one that a reader garbled, names nothing
const LONE_HALF = /[\ud800-\udfff]/u;

const GS = "\x1d"; // what a reader sends for FNC1 between two parts
const OF_READER = /^\]([A-Za-z][0-9])/; // the kind of code, which some readers tell first
const OF_GS1 = ["C1", "d2", "e0", "Q3", "J1"];
const IN_BRACKETS = /^(?:\([0-9]{2,4}\)[^()]*)+$/;
const BRACKETED = /\(([0-9]{2,4})\)([^()]*)/g;
const LOT = "10";
const SERIAL = "21";
const LONGEST_PART = 20;

const characters = (text) => [...text].length;
const isName = (text) => NAME.test(text) && !LONE_HALF.test(text);
const nothing = (why) => ({ kind: "nothing", why });

// How long a part of GS1 is, with the two digits that begin it; 0: it goes on to the next FNC1.
function fixed(name) {
  const known = { "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, 20: 4, 41: 16 };
  if (name in known) return known[name];
  if (/^1[1-9]$/.test(name)) return 8;
  return /^3[1-6]$/.test(name) ? 10 : 0;
}

// { kind, … } as the table of examples shows it.
export function readCode(given) {
  const text = given.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (!text || characters(text) > LONGEST) return nothing(text ? "long" : "empty");
  const told = OF_READER.exec(text);
  const rest = told ? text.slice(told[0].length) : text;
  if (LIKE_CARD.test(rest)) return card(rest);
  if (rest.includes(GS) || OF_GS1.includes(told?.[1])) return gs1(elements(rest));
  const address = ADDRESS.exec(rest);
  if (address) return ofAddress(...address.slice(1).map((part) => part ?? ""));
  if (IN_BRACKETS.test(rest)) return gs1([...rest.matchAll(BRACKETED)].map(([, name, value]) => [name, value]));
  if (TOKEN.test(rest)) return { kind: "tablet", token: rest };
  return isName(rest) ? { kind: "bare", code: rest } : nothing("signs");
}

function card(rest) {
  const [, badge, secret] = CARD.exec(rest) ?? [];
  return badge && isName(badge) ? { kind: "card", badge, secret: secret.toUpperCase() } : nothing("signs");
}

// The path says it, whatever the host: the plant's service may have moved since the label was printed.
function ofAddress(scheme, host, path, query, fragment) {
  if (/^https?$/i.test(scheme) && host) {
    const token = ENROL.exec(fragment);
    if (path === "/floor" && token) return { kind: "tablet", token: token[1] };
    if (path.startsWith("/c/")) return ours(path.split("/").slice(2));
  }
  return { kind: "address", host: [...host.slice(host.lastIndexOf("@") + 1)].slice(0, LONGEST_HOST).join("") };
}

function ours([letter, ...parts]) {
  const [kind, names] = Object.hasOwn(FORMS, letter) ? FORMS[letter] : [null, []];
  const values = parts.map(unescaped);
  if (!kind || values.length !== names.length || !values.every((value) => value && isName(value))) return nothing("signs");
  return { kind, ...Object.fromEntries(names.map((name, at) => [name, values[at]])) };
}

function unescaped(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

// The parts of a GS1 text; null where it is cut short or is not one.
function elements(given) {
  const found = [];
  let text = given;
  for (;;) {
    while (text.startsWith(GS)) text = text.slice(1);
    if (!text) return found;
    const length = fixed(text.slice(0, 2));
    const end = length || (text.includes(GS) ? text.indexOf(GS) : text.length);
    const part = text.slice(0, end);
    if (!(length ? /^[0-9]+$/.test(part) && part.length === length : /^[0-9]{2}[^\n]/.test(part))) return null;
    text = text.slice(end);
    found.push([part.slice(0, 2), part.slice(2)]);
  }
}

function gs1(parts) {
  const found = {};
  for (const [name, value] of parts ?? []) {
    if (name !== LOT && name !== SERIAL) continue;
    if (name in found || characters(value) > LONGEST_PART || !isName(value)) return nothing("gs1");
    found[name] = value;
  }
  if (SERIAL in found) return { kind: "unit", ...(LOT in found ? { lot: found[LOT] } : {}), unit: found[SERIAL] };
  return LOT in found ? { kind: "lot", lot: found[LOT] } : nothing("gs1");
}
