// From scanned text to the credential's bytes: docs/credential.md §3.
//
// * Forgiven, because it can mean one thing only: white space anywhere, a byte order mark, full-width forms.
// * The host in the link is reported, never trusted.

import { TAG } from "./cose.js";
import { fromNumber } from "./bytes.js";
import { Rejection } from "./errors.js";

const DIGITS_MAX = 1234;
const CHARACTERS_MAX = DIGITS_MAX + 1024;
const WHITE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+/g;
const LINK = /^(https?:\/\/[a-z0-9.-]{1,253}(?::[0-9]{1,5})?)\/v[#/]([0-9]+)$/i;

// {token, origin} of text or bytes; `origin` (scheme and host) is null when there was no link.
// Throws Rejection, and nothing else.
export function readScanned(scanned) {
  if (typeof scanned === "string") return fromText(scanned);
  if (scanned[0] === TAG) return Object.freeze({ token: scanned, origin: null });
  if (scanned.length > CHARACTERS_MAX) throw new Rejection("TOO_LONG");
  return fromText(new TextDecoder("utf-8").decode(scanned));
}

function fromText(text) {
  if (text.length > 2 * CHARACTERS_MAX || Array.from(text).length > CHARACTERS_MAX) throw new Rejection("TOO_LONG");
  const plain = text.replace(WHITE, "").replace(/[\uff01-\uff5e]/g, narrow);
  if (plain === "") throw new Rejection("EMPTY");
  if (/^[0-9]+$/.test(plain)) return Object.freeze({ token: tokenOf(plain), origin: null });
  const link = LINK.exec(plain);
  if (link === null) throw new Rejection("NOT_A_VERIFICATION_CODE");
  return Object.freeze({ token: tokenOf(link[2]), origin: link[1].toLowerCase() });
}

function narrow(character) {
  return String.fromCharCode(character.charCodeAt(0) - 0xfee0);
}

function tokenOf(digits) {
  if (digits.startsWith("0")) throw new Rejection("LEADING_ZERO");
  if (digits.length > DIGITS_MAX) throw new Rejection("TOO_LONG");
  return fromNumber(BigInt(digits));
}
