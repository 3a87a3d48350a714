// Checkpoints of a log as signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature); docs/credential.md §10.
//
// * A note: text that ends with a newline, an empty line, then lines "— name base64(key id ‖ signature)".
// * Key id = first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key). Type 1 signs the text; type 4, cosignature/v1,
//   a time and the text. A checkpoint counts with both signatures of its log.
// * A line of an unknown key is passed over; one of a known key that does not hold makes the checkpoint worthless.

import { base64, concat, equal, toNumber, unbase64, unutf8, utf8 } from "./bytes.js";
import { sha256 } from "./keys.js";

const NOTE_MAX = 128 * 1024;
const LINES_MAX = 256;
const SIZE_MAX = 1n << 62n;
const SECONDS_MAX = 2 ** 32 - 1;
const SIGNED = 1, COSIGNED = 4;
const LINE = /^— ([^+\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{1,200}) (.+)$/u;

// {text, lines: [{name, keyId, blob}], origin, size (BigInt), root}, nothing of it verified; null when it is no
// checkpoint.
export function readCheckpoint(bytes) {
  const note = bytes.length <= NOTE_MAX ? unutf8(bytes) : null;
  const gap = note === null ? -1 : note.lastIndexOf("\n\n");
  if (gap < 0 || !note.endsWith("\n") || gap + 2 >= note.length || /[\x00-\x09\x0b-\x1f]/.test(note)) return null;
  const lines = note.slice(gap + 2, -1).split("\n").map(lineOf);
  if (lines.length > LINES_MAX || lines.includes(null)) return null;
  const claimed = claimedTree(note.slice(0, gap));
  return claimed && Object.freeze({ text: note.slice(0, gap + 1), lines, ...claimed });
}

function lineOf(line) {
  const [, name, encoded] = LINE.exec(line) ?? [];
  const blob = encoded === undefined ? null : exactBase64(encoded);
  if (blob === null || blob.length <= 4) return null;
  return Object.freeze({ name, keyId: blob.subarray(0, 4), blob: blob.subarray(4) });
}

function claimedTree(text) {
  const [origin, size, rootText, ...more] = text.split("\n");
  if (rootText === undefined || [origin, size, rootText, ...more].includes("")) return null;
  const root = exactBase64(rootText);
  if (!/^(0|[1-9][0-9]{0,18})$/.test(size) || BigInt(size) > SIZE_MAX || root === null || root.length !== 32) return null;
  return { origin, size: BigInt(size), root };
}

// Bytes whose only spelling this is.
function exactBase64(text) {
  const bytes = unbase64(text);
  return bytes !== null && base64(bytes) === text ? bytes : null;
}

// {origin, size, root, at, witnesses} for a checkpoint of `log` (of the key list); null when its signatures do not
// hold.
export async function openCheckpoint(checkpoint, log) {
  const message = utf8(checkpoint.text);
  const own = await linesOf(checkpoint, log.origin, SIGNED, log.publicKey);
  if (checkpoint.origin !== log.origin || own.length === 0) return null;
  for (const line of own) {
    if (line.blob.length !== 64 || !(await log.holds(message, line.blob))) return null;
  }
  const at = await cosigned(checkpoint, log.origin, log);
  if (at === null || at === undefined) return null;
  const witnesses = [];
  for (const witness of log.witnesses) {
    const seen = await cosigned(checkpoint, witness.name, witness);
    if (seen === null) return null;
    if (seen !== undefined) witnesses.push(witness.name);
  }
  return Object.freeze({ origin: log.origin, size: checkpoint.size, root: checkpoint.root, at, witnesses });
}

// The newest moment of this key's cosignatures; undefined when there is none, null when one does not hold.
async function cosigned(checkpoint, name, { publicKey, holds }) {
  let newest;
  for (const { blob } of await linesOf(checkpoint, name, COSIGNED, publicKey)) {
    const seconds = Number(toNumber(blob.subarray(0, 8)));
    const message = utf8(`cosignature/v1\ntime ${seconds}\n${checkpoint.text}`);
    const sound = blob.length === 72 && seconds <= SECONDS_MAX;
    if (!sound || !(await holds(message, blob.subarray(8)))) return null;
    newest = Math.max(newest ?? 0, seconds);
  }
  return newest;
}

async function linesOf(checkpoint, name, type, publicKey) {
  const keyId = (await sha256(concat([utf8(`${name}\n`), Uint8Array.of(type), publicKey]))).subarray(0, 4);
  return checkpoint.lines.filter((line) => line.name === name && equal(line.keyId, keyId));
}
