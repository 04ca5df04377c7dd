// Codes from a reader that types: quick keys with Enter at their end. A badge card's are kept out of fields and keypads.

import { t } from "./words.js";

const GAP = 100; // ms between two keys of a reader
const PATIENCE = 1000; // ms, once it is known to be a card: nothing of its secret gets through, however slow the reader
const SHORTEST = 2;
const FNC1 = "\x1d"; // between two parts of GS1; readers type it as Ctrl and ]
const CARD = /QCB1[^0-9A-Za-z]/i; // how the code of a card begins; a garbled one too
const NUMBER = /^[0-9.,-]*$/;

const fieldOf = (event) => (event.target.matches?.("input:not([type=file]), textarea") ? event.target : null);
const isCard = (text) => CARD.test(text);

export function read(app) {
  let typed = "";
  let at = 0;
  document.addEventListener("keydown", pressed, { capture: true });
  document.addEventListener("input", written, { capture: true });

  function pressed(event) {
    if (late(event)) typed = "";
    if (event.key === "Enter") ended(event);
    else if (event.key.length === 1) key(event, event.ctrlKey && event.key === "]" ? FNC1 : event.key);
  }

  // By when the key was pressed, and not by when a busy tablet came to hear of it.
  function late({ timeStamp }) {
    const over = timeStamp - at > (isCard(typed) ? PATIENCE : GAP);
    at = timeStamp;
    return over;
  }

  function key(event, sign) {
    const field = fieldOf(event);
    const quick = !NUMBER.test(typed); // no finger is so quick: these digits are no number that somebody types
    const known = isCard(typed);
    typed += sign;
    if (isCard(typed)) {
      event.preventDefault();
      if (field && !known) cut(field, typed.length - 1);
    }
    if (isCard(typed) || (quick && !field)) event.stopImmediatePropagation();
  }

  // What came into a field by no key that was told of: from a reader that writes words at once, or pasted.
  function written(event) {
    const field = fieldOf(event);
    if (!field) return;
    if (!late(event) && isCard(typed)) typed += cut(field, event.data?.length ?? 0);
    else if (isCard(field.value)) {
      const from = field.value.search(CARD);
      typed = field.value.slice(from);
      field.value = field.value.slice(0, from);
    }
  }

  function ended(event) {
    const whole = typed;
    typed = "";
    if (isCard(whole)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (app.scanned) app.scanned(whole.slice(whole.search(CARD)));
      else app.notice(t("scan.is.card"), "bad");
    } else if (whole.length >= SHORTEST && app.scanned && !fieldOf(event)) {
      event.preventDefault();
      app.scanned(whole);
    }
  }
}

// Takes so many letters before the cursor out of the field, before they are seen.
function cut(field, count) {
  const end = field.selectionStart ?? field.value.length;
  const from = Math.max(0, end - count);
  const text = field.value.slice(from, end);
  field.value = field.value.slice(0, from) + field.value.slice(end);
  return text;
}
