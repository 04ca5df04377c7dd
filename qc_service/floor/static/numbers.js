// Decimal numbers as people type them, exactly: both signs are read as the decimal sign, and nothing groups thousands.
// The service reads and judges by the same rules; here the verdict is shown while one types.

const TYPED = /^(-?)([0-9]+)(?:[.,]([0-9]+))?$/;

// The number as { digits, places }, or null where it is none (yet).
export function read(text, decimals) {
  const found = TYPED.exec(text);
  if (!found) return null;
  const part = found[3] ?? "";
  if (part.length > decimals || found[2].replace(/^0+/, "").length > 12) return null;
  return { digits: BigInt(`${found[1]}${found[2]}${part}`), places: part.length };
}

const scaled = (number, places) => number.digits * 10n ** BigInt(places - number.places);

export function compare(one, other) {
  const places = Math.max(one.places, other.places);
  const difference = scaled(one, places) - scaled(other, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function minus(one, other) {
  const places = Math.max(one.places, other.places);
  return { digits: scaled(one, places) - scaled(other, places), places };
}

export const plus = (one, other) => minus(one, { digits: -other.digits, places: other.places });

export function plain(number) {
  const sign = number.digits < 0n ? "-" : "";
  const digits = String(number.digits < 0n ? -number.digits : number.digits).padStart(number.places + 1, "0");
  if (number.places === 0) return sign + digits;
  const part = digits.slice(-number.places).replace(/0+$/, "");
  return sign + digits.slice(0, -number.places) + (part ? `.${part}` : "");
}

const exact = (text) => (text === undefined || text === null ? null : read(String(text), 6));

// The limits of a measured or counted check: the lower, the upper; null where there is none.
export function limits(check) {
  if (check.tolerance !== undefined) {
    const [nominal, tolerance] = [exact(check.nominal), exact(check.tolerance)];
    return [minus(nominal, tolerance), plus(nominal, tolerance)];
  }
  return [exact(check.min), exact(check.max)];
}

// Where a number stands: { side: "within" | "above" | "below", by: how far, as text }.
export function verdict(number, check) {
  const [lower, upper] = limits(check);
  if (upper && compare(number, upper) > 0) return { side: "above", by: plain(minus(number, upper)) };
  if (lower && compare(number, lower) < 0) return { side: "below", by: plain(minus(lower, number)) };
  return { side: "within", by: "0" };
}

// More than ten times its range away from what is allowed: a slip of the finger more likely than a measurement.
export function implausible(number, check) {
  const [lower, upper] = limits(check);
  if (verdict(number, check).side === "within") return false;
  const ten = (one) => ({ digits: one.digits * 10n, places: one.places });
  const size = (one) => ({ digits: one.digits < 0n ? -one.digits : one.digits, places: one.places });
  const range = lower && upper ? minus(upper, lower) : size(upper ?? lower);
  if (range.digits === 0n) return false;
  const middle = upper ?? lower;
  return compare(size(minus(number, middle)), ten(range)) > 0;
}
