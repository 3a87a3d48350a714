// Bytes and their written forms: hexadecimal, base64, UTF-8, big numbers.
//
// * base64 is read strictly (RFC 4648 §4): standard alphabet, padded, nothing else in between.
// * UTF-8 is read strictly; a byte order mark is a character like any other.

export function equal(left, right) {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

// Bytewise order (RFC 8949 §4.2.1): negative, zero or positive; a prefix comes first.
export function compare(left, right) {
  const common = Math.min(left.length, right.length);
  for (let at = 0; at < common; at++) {
    if (left[at] !== right[at]) return left[at] - right[at];
  }
  return left.length - right.length;
}

export function concat(parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Bytes of an even number of hexadecimal digits; null for anything else.
export function unhex(text) {
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

// Bytes of base64 text; null for anything else.
export function unbase64(text) {
  const bare = text.endsWith("==") ? text.slice(0, -2) : text.endsWith("=") ? text.slice(0, -1) : text;
  if (text.length % 4 !== 0 || /[^A-Za-z0-9+/]/.test(bare)) return null;
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
}

export function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

export function utf8(text) {
  return new TextEncoder().encode(text);
}

// The text of UTF-8 bytes; null when they are none.
export function unutf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

// The big-endian number in `bytes`.
export function toNumber(bytes) {
  return bytes.length === 0 ? 0n : BigInt(`0x${hex(bytes)}`);
}

// `number` (≥ 0n) as big-endian bytes, without leading zeros or, when `size` is given, with that many bytes in all.
export function fromNumber(number, size = 0) {
  const digits = number === 0n ? "" : number.toString(16);
  return unhex(digits.padStart(Math.max(digits.length + (digits.length % 2), 2 * size), "0"));
}
