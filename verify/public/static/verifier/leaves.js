// The leaves of the log: what one act on one report is as bytes; docs/credential.md §10.
//
// * [1, 0, at] opened · [1, 1, at, ref, iat, sequence] issued · [1, act, at, ref, previous] a change of status.
// * Everything that is no leaf is a Rejection LOG_PROOF_INVALID.

import { isBytes, isInteger, read } from "./cbor.js";
import { Rejection } from "./errors.js";

export const OPENED = 0;
const ISSUED = 1, REVOKED = 2, SUPERSEDED = 3, SUSPENDED = 4, RESUMED = 5;
const UINT32_MAX = 2 ** 32 - 1;
const SEQUENCE_MAX = 9_999_999;
const ROWS_MAX = 1000;
const LEAF_MAX = 127;
const FILE_MAX = 256 * 1024;
// What may be done to a report after an act, by its number: withdrawn or replaced is the end.
const MAY_FOLLOW = Object.freeze([
  [],
  [REVOKED, SUPERSEDED, SUSPENDED],
  [],
  [],
  [REVOKED, SUPERSEDED, RESUMED],
  [REVOKED, SUPERSEDED, SUSPENDED],
]);

function invalid() {
  return new Rejection("LOG_PROOF_INVALID");
}

// {act, at, ref, iat, sequence, previous} of a leaf; what its act does not have is undefined.
export function readLeaf(bytes) {
  const [version, act, at, ref, ...more] = listOf(bytes);
  if (version !== 1 || !isUint32(at) || !isUint32(act) || act > RESUMED) throw invalid();
  if (act === OPENED) {
    if (ref !== undefined) throw invalid();
    return Object.freeze({ act, at });
  }
  if (!isBytes(ref) || ref.length !== 32 || !more.every(isUint32)) throw invalid();
  if (more.length !== (act === ISSUED ? 2 : 1)) throw invalid();
  if (act !== ISSUED) return Object.freeze({ act, at, ref, previous: more[0] });
  const [iat, sequence] = more;
  if (sequence < 1 || sequence > SEQUENCE_MAX) throw invalid();
  return Object.freeze({ act, at, ref, iat, sequence });
}

// [{index, bytes}] of a file `registered/…`, oldest first, unproven.
export function readRegistered(bytes) {
  const rows = bytes.length > FILE_MAX ? [] : listOf(bytes);
  if (rows.length < 1 || rows.length > ROWS_MAX) throw invalid();
  return rows.map((row) => {
    const [index, leaf] = Array.isArray(row) && row.length === 2 ? row : [];
    if (!isUint32(index) || !isBytes(leaf) || leaf.length > LEAF_MAX) throw invalid();
    return { index, bytes: leaf };
  });
}

// Whether `leaf` at `index` can be the next of a report after `last` ({act, at, index}; undefined: it is the first).
export function follows(leaf, index, last, facts) {
  if (last === undefined) {
    return leaf.act === ISSUED && leaf.iat === facts.issuedAt && leaf.sequence === facts.sequence;
  }
  const inOrder = leaf.previous === last.index && index > last.index && leaf.at >= last.at;
  return inOrder && MAY_FOLLOW[last.act].includes(leaf.act);
}

function listOf(bytes) {
  try {
    const value = read(bytes);
    if (Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
  }
  throw invalid();
}

function isUint32(value) {
  return isInteger(value) && value >= 0 && value <= UINT32_MAX;
}
