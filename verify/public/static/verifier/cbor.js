// Deterministic CBOR (RFC 8949 §4.2.1), read strictly: docs/credential.md §1 has the rules and their order.
//
// * Integers are numbers, or BigInts where a number would not be exact; byte strings Uint8Array; text string; arrays
//   Array; maps Map (never an object: keys come from an enemy); null null. Nothing else is read.
// * Reading stops at the first fault, with its reason code. What was read is written again and must give the same bytes.
// * Bounded: no length is believed before it is known to fit, no more than 8 levels.

import { Rejection } from "./errors.js";
import { compare, equal, fromNumber, toNumber, unutf8, utf8 } from "./bytes.js";

const LEVELS = 8;
const POSITIVE = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6;
const NULL = 0xf6;

export function isInteger(value) {
  return typeof value === "bigint" || Number.isInteger(value);
}

export function isBytes(value) {
  return value instanceof Uint8Array;
}

// The one value encoded in `bytes`. Throws Rejection, and nothing else, for any other bytes.
export function read(bytes) {
  const reader = new Reader(bytes);
  const value = reader.item(1);
  if (reader.left > 0) throw new Rejection("TRAILING_BYTES", String(reader.left));
  if (!equal(new Writer(bytes.length).item(value).written(), bytes)) throw new Rejection("NOT_CANONICAL");
  return value;
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get left() {
    return this.bytes.length - this.at;
  }

  item(level) {
    if (this.left === 0) throw new Rejection("TRUNCATED");
    const head = this.bytes[this.at++];
    const kind = head >> 5;
    if (kind === TAG) throw new Rejection("TAG_INSIDE");
    if (kind > TAG) return constant(head);
    const argument = this.argument(head & 31);
    switch (kind) {
      case POSITIVE:
        return argument;
      case NEGATIVE:
        return exact(-1n - BigInt(argument));
      case BYTES:
        return this.take(argument).slice();
      case TEXT:
        return this.text(argument);
      default:
        return this.container(kind, argument, level);
    }
  }

  // What follows the head: a number of 0, 1, 2, 4 or 8 bytes in its shortest form.
  argument(extra) {
    if (extra < 24) return extra;
    if (extra === 31) throw new Rejection("INDEFINITE_LENGTH");
    if (extra > 27) throw new Rejection("MALFORMED", `reserved ${extra}`);
    const size = 1 << (extra - 24);
    if (this.left < size) throw new Rejection("TRUNCATED");
    const value = exact(toNumber(this.take(size)));
    if (value < (size === 1 ? 24 : 2 ** (4 * size))) throw new Rejection("NOT_MINIMAL", String(value));
    return value;
  }

  take(size) {
    if (size > this.left) throw new Rejection("LENGTH_BEYOND_END", String(size));
    const start = this.at;
    this.at += Number(size);
    return this.bytes.subarray(start, this.at);
  }

  text(size) {
    const text = unutf8(this.take(size));
    if (text === null) throw new Rejection("MALFORMED", "not UTF-8");
    return text;
  }

  container(kind, count, level) {
    if (level === LEVELS) throw new Rejection("TOO_DEEP");
    if (count > this.left) throw new Rejection("LENGTH_BEYOND_END", String(count));
    return kind === ARRAY ? this.array(Number(count), level + 1) : this.map(Number(count), level + 1);
  }

  array(count, level) {
    const values = [];
    while (values.length < count) values.push(this.item(level));
    return values;
  }

  map(count, level) {
    const values = new Map();
    let last = new Uint8Array();
    while (values.size < count) {
      const start = this.at;
      const key = this.item(level);
      if (!isInteger(key) && !isBytes(key) && typeof key !== "string") throw new Rejection("MALFORMED", "key");
      const encoded = this.bytes.subarray(start, this.at);
      const order = compare(encoded, last);
      if (order === 0) throw new Rejection("DUPLICATE_KEY");
      if (order < 0) throw new Rejection("KEYS_UNSORTED");
      values.set(key, this.item(level));
      last = encoded;
    }
    return values;
  }
}

function constant(head) {
  const extra = head & 31;
  if (head === NULL) return null;
  if (extra >= 25 && extra <= 27) throw new Rejection("FLOAT");
  if (extra === 31) throw new Rejection("INDEFINITE_LENGTH");
  throw new Rejection("MALFORMED", `simple ${extra}`);
}

function exact(value) {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

// `value` as deterministic CBOR.
export function write(value) {
  return new Writer(64).item(value).written();
}

class Writer {
  constructor(size) {
    this.bytes = new Uint8Array(size);
    this.at = 0;
  }

  written() {
    return this.bytes.subarray(0, this.at);
  }

  item(value) {
    if (value === null) return this.put(Uint8Array.of(NULL));
    if (isInteger(value)) return value < 0 ? this.head(NEGATIVE, -1n - BigInt(value)) : this.head(POSITIVE, value);
    if (isBytes(value)) return this.head(BYTES, value.length).put(value);
    if (typeof value === "string") return this.string(utf8(value));
    if (Array.isArray(value)) return this.array(value);
    if (value instanceof Map) return this.map(value);
    throw new TypeError("no such value in our CBOR");
  }

  string(bytes) {
    return this.head(TEXT, bytes.length).put(bytes);
  }

  array(values) {
    this.head(ARRAY, values.length);
    for (const value of values) this.item(value);
    return this;
  }

  // Keys in their order: shorter encodings first, then bytewise (docs/credential.md §1).
  map(values) {
    const pairs = Array.from(values, ([key, value]) => [write(key), value]);
    pairs.sort(([left], [right]) => left.length - right.length || compare(left, right));
    this.head(MAP, pairs.length);
    for (const [key, value] of pairs) this.put(key).item(value);
    return this;
  }

  // The kind of an item and its number, in 1, 2, 3, 5 or 9 bytes.
  head(kind, argument) {
    const major = kind << 5;
    if (argument < 24) return this.put(Uint8Array.of(major | Number(argument)));
    const power = argument < 2 ** 8 ? 0 : argument < 2 ** 16 ? 1 : argument < 2 ** 32 ? 2 : 3;
    return this.put(Uint8Array.of(major | (24 + power))).put(fromNumber(BigInt(argument), 1 << power));
  }

  put(bytes) {
    const end = this.at + bytes.length;
    if (end > this.bytes.length) this.grow(end);
    this.bytes.set(bytes, this.at);
    this.at = end;
    return this;
  }

  grow(least) {
    const larger = new Uint8Array(Math.max(least, 2 * this.bytes.length));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
