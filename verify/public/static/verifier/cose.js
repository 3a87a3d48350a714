// COSE_Sign1 (RFC 9052 §4.2) in the one form of docs/credential.md §2: one signature, everything protected, no options.
//
// What is read here is claimed, not true, until its signature has held under a pinned key.

import { isBytes, isInteger, read, write } from "./cbor.js";
import { Rejection } from "./errors.js";
import { KID_BYTES, algorithmOf } from "./keys.js";

export const TAG = 0xd2;
const ALG = 1, CRIT = 2, KID = 4, TYP = 16;
// COSE_Key, x5bag, x5chain, x5t, x5u: a token does not bring its own key.
const EMBEDDED = Object.freeze([-1, 32, 33, 34, 35]);

// {algorithm, kid, payload, message, signature} of `bytes`; `typ` is the third header our lists carry, else null.
// Throws Rejection, and nothing else.
export function openSign1(bytes, typ = null) {
  const [protectedBytes, payload, signature] = parts(bytes);
  const header = protectedBytes.length > 0 ? read(protectedBytes) : new Map();
  const [algorithm, kid] = understood(header, typ);
  if (signature.length !== algorithmOf(algorithm).signatureBytes) throw new Rejection("SIGNATURE_LENGTH");
  const message = write(["Signature1", protectedBytes, new Uint8Array(), payload]);
  return Object.freeze({ algorithm, kid, payload, message, signature });
}

function parts(bytes) {
  if (bytes.length === 0) throw new Rejection("EMPTY");
  if (bytes[0] !== TAG || (bytes.length > 1 && bytes[1] >> 5 === 6)) throw new Rejection("NOT_SIGN1");
  const array = read(bytes.subarray(1));
  if (!Array.isArray(array) || array.length !== 4) throw new Rejection("NOT_SIGN1");
  const [protectedBytes, unprotected, payload, signature] = array;
  if (!(unprotected instanceof Map) || ![protectedBytes, payload, signature].every(isBytes)) {
    throw new Rejection("NOT_SIGN1");
  }
  if (unprotected.size > 0) throw new Rejection("UNPROTECTED_HEADER");
  return [protectedBytes, payload, signature];
}

function understood(header, typ) {
  if (!(header instanceof Map)) throw new Rejection("MALFORMED", "header");
  if (header.has(CRIT)) throw new Rejection("CRITICAL_HEADER");
  if (EMBEDDED.some((label) => header.has(label))) throw new Rejection("EMBEDDED_KEY");
  if (!header.has(ALG)) throw new Rejection("ALGORITHM_MISSING");
  if (!header.has(KID)) throw new Rejection("KID_MISSING");
  const exactly = typ === null ? header.size === 2 : header.size === 3 && header.get(TYP) === typ;
  if (!exactly) throw new Rejection("HEADER_UNEXPECTED");
  return [knownAlgorithm(header.get(ALG)), wholeKid(header.get(KID))];
}

function knownAlgorithm(value) {
  if (algorithmOf(value) === undefined) throw new Rejection("ALGORITHM_UNKNOWN", isInteger(value) ? String(value) : "?");
  return value;
}

function wholeKid(value) {
  if (!isBytes(value) || value.length !== KID_BYTES) throw new Rejection("KID_MALFORMED");
  return value;
}

// Whether `key` made the signature of what openSign1 read, in the one form that we take.
export async function holds(signed, key) {
  return algorithmOf(signed.algorithm).hasOneForm(signed.signature) && key(signed.message, signed.signature);
}
