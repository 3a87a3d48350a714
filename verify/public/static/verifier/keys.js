// Algorithms and keys: what a signature is and how it is checked. An algorithm stands here under its COSE number, or it
// does not exist for us. docs/credential.md §2, §5.
//
// * kid = first 8 bytes of SHA-256 of the raw public key.
// * A key belongs to exactly one algorithm; a signature has that algorithm's exact length.
// * A verifying key is a function (message, signature) → Promise of whether it holds.

import { Unsupported } from "./errors.js";

export const KID_BYTES = 8;
export const ED25519 = -19;

// The digest of `bytes` as Uint8Array.
export async function sha256(bytes) {
  return new Uint8Array(await subtle().digest("SHA-256", bytes));
}

export async function kidOf(publicKey) {
  return (await sha256(publicKey)).subarray(0, KID_BYTES);
}

// WebCrypto stands only in pages from https or from this machine.
export function subtle() {
  if (globalThis.crypto === undefined || globalThis.crypto.subtle === undefined) throw new Unsupported("WebCrypto");
  return globalThis.crypto.subtle;
}

async function loadEd25519(publicKey) {
  const key = await imported(publicKey, { name: "Ed25519" });
  return key && ((message, signature) => subtle().verify({ name: "Ed25519" }, key, signature, message));
}

// The CryptoKey; null when the bytes are no such key. Throws Unsupported where the browser lacks the algorithm.
async function imported(publicKey, algorithm) {
  try {
    return await subtle().importKey("raw", publicKey, algorithm, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") throw new Unsupported(algorithm.name);
    if (error.name === "DataError") return null;
    throw error;
  }
}

// `load` resolves to a verifying key, or null for bytes that are no key.
const ALGORITHMS = Object.freeze([
  Object.freeze({ number: ED25519, name: "Ed25519", publicKeyBytes: 32, signatureBytes: 64, load: loadEd25519 }),
]);

// The algorithm of a COSE number, undefined when there is none (any value may be asked for).
export function algorithmOf(number) {
  return ALGORITHMS.find((algorithm) => algorithm.number === number);
}

export function algorithmNamed(name) {
  return ALGORITHMS.find((algorithm) => algorithm.name === name);
}

// The verifying key, or null for an algorithm we do not know or bytes that are no key of it.
export async function verifyingKey(algorithm, publicKey) {
  const known = algorithmOf(algorithm);
  return known === undefined || publicKey.length !== known.publicKeyBytes ? null : known.load(publicKey);
}
