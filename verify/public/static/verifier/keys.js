// Algorithms and keys: what a signature is and how it is checked. An algorithm stands here under its COSE number, or it
// does not exist for us. docs/credential.md §2, §5.
//
// * kid = first 8 bytes of SHA-256 of the raw public key.
// * A key belongs to exactly one algorithm; a signature has that algorithm's exact length.
// * A verifying key is a function (message, signature) → Promise of whether it holds.

import { toNumber } from "./bytes.js";
import { Unsupported } from "./errors.js";
import { loadSm2 } from "./sm2.js";

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

async function loadEs256(publicKey) {
  const key = publicKey[0] === 4 ? await imported(publicKey, { name: "ECDSA", namedCurve: "P-256" }) : null;
  return key && ((message, signature) => subtle().verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, message));
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

// Whether s lies in the lower half. n - s would hold as well: a stranger could write a second form of a signature.
function isLow(signature) {
  return toNumber(signature.subarray(32)) <= P256_ORDER / 2n;
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

// `load` resolves to a verifying key, or null for bytes that are no key. `hasOneForm`: whether a signature is written in
// the only form that we take.
function algorithm(number, name, publicKeyBytes, load, hasOneForm = () => true) {
  return Object.freeze({ number, name, publicKeyBytes, signatureBytes: 64, load, hasOneForm });
}

const ALGORITHMS = Object.freeze([
  algorithm(ED25519, "Ed25519", 32, loadEd25519),
  algorithm(-7, "ES256", 65, loadEs256, isLow),
  algorithm(-65537, "SM2", 65, loadSm2),
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
