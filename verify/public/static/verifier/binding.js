// The field package, every line of a report as issued, and its root, which the credential has signed;
// docs/credential.md §4. A package counts when its root is the signed one.

import { concat, fromNumber } from "./bytes.js";
import { isBytes, read, write } from "./cbor.js";
import { Rejection } from "./errors.js";
import { sha256, subtle } from "./keys.js";
import { nodeHash } from "./merkle.js";

const PACKAGE_MAX = 8 * 1024 * 1024;
const FIELDS_MAX = 20_000;
const LEAF = Uint8Array.of(0);

// {seed, fields: [{path, kind, text}]} in reading order. Throws Rejection, and nothing else.
export function fieldsOf(bytes) {
  if (bytes.length > PACKAGE_MAX) throw new Rejection("PACKAGE_DAMAGED");
  const value = read(bytes);
  const [format, seed, rows] = Array.isArray(value) && value.length === 3 ? value : [];
  const whole = format === 1 && isBytes(seed) && seed.length === 32 && Array.isArray(rows);
  if (!whole || rows.length < 1 || rows.length > FIELDS_MAX) throw new Rejection("PACKAGE_DAMAGED");
  return Object.freeze({ seed, fields: Object.freeze(rows.map(fieldOf)) });
}

function fieldOf(row) {
  const [path, kind, text] = Array.isArray(row) && row.length === 3 ? row : [];
  const whole = isWithin(path, 400) && isWithin(kind, 40) && isWithin(text, 20_000) && text === text.normalize("NFC");
  if (!whole) throw new Rejection("PACKAGE_DAMAGED");
  return Object.freeze({ path, kind, text });
}

// Lengths are characters (code points).
function isWithin(text, most) {
  if (typeof text !== "string" || text.length > 2 * most) return false;
  return text.length <= most || Array.from(text).length <= most;
}

// The 32 bytes that the credential signs.
export async function contentRoot({ seed, fields }) {
  const key = await subtle().importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  let level = await Promise.all(fields.map((field, number) => leafOf(key, number, field)));
  while (level.length > 1) level = await Promise.all(pairs(level).map(([left, right]) => right ? nodeHash(left, right) : left));
  return level[0];
}

async function leafOf(key, number, { path, kind, text }) {
  const salt = new Uint8Array(await subtle().sign("HMAC", key, fromNumber(BigInt(number), 4)));
  return sha256(concat([LEAF, salt, write([path, kind, text])]));
}

// Two and two from the left; an odd last one alone.
function pairs(level) {
  return Array.from({ length: Math.ceil(level.length / 2) }, (_, at) => [level[2 * at], level[2 * at + 1]]);
}
