// Sealed contents: what the office issued, opened in the browser with the QR's own bytes; docs/credential.md §7.
//
// * The server keeps what it cannot read: locator, key and nonce key come out of the token by HKDF-SHA256.
// * What opens was sealed by somebody who had the token; `binding.js` says whether it is what the token signed.

import { hex, utf8 } from "./bytes.js";
import { Rejection } from "./errors.js";
import { subtle } from "./keys.js";

const SEALED_MAX = 9 * 1024 * 1024;
const NONCE_BYTES = 12;

async function keysOf(token) {
  const secret = await subtle().importKey("raw", token, "HKDF", false, ["deriveBits"]);
  const info = utf8("chenghe sealed content 1");
  const derived = await subtle().deriveBits({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info }, secret, 640);
  const bytes = new Uint8Array(derived);
  return { locator: hex(bytes.subarray(0, 16)), content: bytes.subarray(16, 48) };
}

// 32 hexadecimal digits: the name under which the content of the report with this token lies (`sealed/<locator>`).
export async function locator(token) {
  return (await keysOf(token)).locator;
}

// The field package's bytes. Throws Rejection when the ciphertext is not of this token.
export async function openSealed(token, ciphertext) {
  if (ciphertext.length <= NONCE_BYTES || ciphertext.length > SEALED_MAX) throw new Rejection("PACKAGE_DAMAGED");
  const keys = await keysOf(token);
  const padded = await decrypted(keys, ciphertext.subarray(0, NONCE_BYTES), ciphertext.subarray(NONCE_BYTES));
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end -= 1;
  if (end < 0 || padded[end] !== 0x80) throw new Rejection("PACKAGE_DAMAGED");
  return padded.subarray(0, end);
}

async function decrypted(keys, iv, body) {
  const key = await subtle().importKey("raw", keys.content, "AES-GCM", false, ["decrypt"]);
  try {
    const method = { name: "AES-GCM", iv, additionalData: utf8(keys.locator) };
    return new Uint8Array(await subtle().decrypt(method, key, body));
  } catch (error) {
    if (error.name === "OperationError") throw new Rejection("PACKAGE_DAMAGED");
    throw error;
  }
}
