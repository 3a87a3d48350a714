// The subject in a credential: its code in 11 bytes (GB 32100-2015), its name in UTF-16BE; docs/credential.md §2.

import { toNumber } from "./bytes.js";
import { Rejection } from "./errors.js";

const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const CODE_BYTES = 11;
const UNITS_MAX = 120;
// No control, format, surrogate, private-use or unassigned characters, no separators but the plain space.
const REFUSED = /(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;

// The 18 characters: 17 digits to the base 31, and the one that follows from them.
export function readCode(bytes) {
  let number = toNumber(bytes);
  if (bytes.length !== CODE_BYTES || number >= 31n ** 17n) throw new Rejection("SUBJECT_CODE_INVALID");
  const digits = [];
  for (; digits.length < 17; number /= 31n) digits.unshift(Number(number % 31n));
  let [sum, weight] = [0, 1];
  for (const digit of digits) {
    sum = (sum + digit * weight) % 31;
    weight = (weight * 3) % 31;
  }
  return [...digits, (31 - sum) % 31].map((digit) => ALPHABET[digit]).join("");
}

export function readName(bytes) {
  const units = Array.from({ length: bytes.length >> 1 }, (_, at) => (bytes[2 * at] << 8) | bytes[2 * at + 1]);
  const whole = bytes.length % 2 === 0 && units.length >= 1 && units.length <= UNITS_MAX;
  const name = whole ? String.fromCharCode(...units) : "";
  if (!whole || REFUSED.test(name) || name !== name.normalize("NFC") || name.startsWith(" ") || name.endsWith(" ")) {
    throw new Rejection("SUBJECT_NAME_INVALID");
  }
  return name;
}
