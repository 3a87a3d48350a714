// The verification record 核验记录: what was checked when and by whom, signed with the checker's own key; docs/record.md.
//
// * The key is P-256, made here, not extractable, kept in this browser. Nobody else has it, and nobody can copy it out.
// * A record is made of an outcome as it was found; it never checks again.

import { base64, hex } from "../verifier/bytes.js";
import { isoMoment } from "../verifier/validity.js";
import { canonicalBytes } from "./canonical.js";
import { read, write } from "./memory.js";

const FORMAT = "chenghe-record-1";
const [KEY, CHECKER] = ["checker-key", "checker"];
const ECDSA = Object.freeze({ name: "ECDSA", namedCurve: "P-256" });
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

// {name, organisation} as typed last, both "" at first.
export async function knownChecker() {
  return (await read(CHECKER)) ?? { name: "", organisation: "" };
}

// The signed record of `outcome`, and what to print beside it: {record, fingerprint, kept}. `kept`: whether the key
// could be stored, so that the next record has the same fingerprint.
export async function recordOf(outcome, { name, organisation }, program) {
  const checker = { name: plain(name, 60), organisation: plain(organisation, 120) };
  const { pair, kept } = await keyPair();
  await write(CHECKER, checker);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const record = { ...(await facts(outcome)), checker, format: FORMAT, program, public_key: base64(spki) };
  const scheme = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(scheme, pair.privateKey, canonicalBytes(record));
  return { record: { ...record, signature: base64(new Uint8Array(signature)) }, fingerprint: await print(spki), kept };
}

// The checker's key, made when there is none yet.
async function keyPair() {
  const stored = await read(KEY);
  if (stored !== undefined) return { pair: stored, kept: true };
  const pair = await crypto.subtle.generateKey(ECDSA, false, ["sign", "verify"]);
  return { pair, kept: await write(KEY, pair) };
}

async function facts({ asked, entry, token, lists, where, recordedAt }) {
  return {
    recorded_at: recordedAt,
    asked_at: isoMoment(Math.floor(Date.parse(entry.checked_at) / 1000)), // a server's clock may count smaller parts
    input: { kind: asked.kind, name: asked.name === null ? null : plain(asked.name, 120), sha256: asked.sha256 },
    verdict: entry.verdict,
    reason: entry.reason,
    notices: entry.notices.map((notice) => notice.code),
    differences: entry.differences.length,
    report: entry.report,
    token_sha256: token === null ? null : await sha256(token),
    log: entry.log,
    trust: lists === null ? null : lists.summary,
    checked_in: where,
  };
}

export async function sha256(bytes) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

async function print(spki) {
  return (await sha256(spki)).toUpperCase().match(/.{4}/g).join(" ");
}

function plain(text, most) {
  const points = Array.from(text.toWellFormed?.() ?? text).map((point) => (isLone(point) ? "\ufffd" : point)).join("");
  return Array.from(points.replace(CONTROL, " ").trim()).slice(0, most).join("");
}

function isLone(point) {
  return point.length === 1 && point >= "\ud800" && point <= "\udfff";
}
