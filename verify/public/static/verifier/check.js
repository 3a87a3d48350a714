// From scanned text to verdict, in the numbered steps of docs/credential.md §6.
//
// * Steps 1–4 stop at the first no and say nothing of a subject. Of the rest everything is looked at, and the most
//   serious finding is the answer.
// * `at` is the moment asked about; `now`, the wall clock, judges how fresh the lists are, and nothing else. Both are
//   seconds since 1970.
// * "Not valid" is an answer. What we cannot know is indeterminate.
// * Step 7, the document in hand, is not taken here: docx and PDF are read by the service.

import { hex } from "./bytes.js";
import { holds } from "./cose.js";
import { decode, numberOf } from "./credential.js";
import { Rejection } from "./errors.js";
import { doubts, statusAfter, statusAt } from "./registration.js";
import { readScanned } from "./scanned.js";
import { CLOCK_TOLERANCE_SECONDS, isBegun, valueAt } from "./status.js";

// Most serious first.
const SERIOUSNESS = Object.freeze([
  "WITHDRAWN", "LOG_FORKED", "LOG_PROOF_INVALID", "LOG_BACKDATED", "KEY_REVOKED_LATER", "CLOCK_BEHIND",
  "KEY_LIST_EXPIRED", "REPLACED", "SUSPENDED", "PERIOD_OVER", "ISSUED_LATER", "LOG_NOT_REGISTERED",
  "STATUS_MISSING", "STATUS_STALE", "STATUS_INDEX_UNKNOWN", "OK_THEN", "OK_FOREIGN_HOST", "OK",
]);
const VALID = 0;
const WITHDRAWN = Object.freeze([null, "WITHDRAWN", "SUSPENDED", "REPLACED"]);

// Steps 1–4: {credential, key, origin}. Throws Rejection (or Unsupported).
export async function authenticate(scanned, { trust, now }) {
  const { token, origin } = readScanned(scanned);
  const { signed, facts } = decode(token);
  const key = permitted(signed, facts, trust, now);
  if (!(await holds(signed, key.holds))) throw new Rejection("SIGNATURE_INVALID");
  const credential = Object.freeze({ token, facts, number: numberOf(facts, trust.keys.issuer.numberPrefix) });
  return Object.freeze({ credential, key, origin });
}

// 3. The key is pinned and may have signed this when it says it was signed.
function permitted(signed, facts, trust, now) {
  const key = trust.keys.keys.get(hex(signed.kid));
  if (key === undefined) {
    throw new Rejection(now >= trust.keys.expiresAt ? "KEY_LIST_EXPIRED" : "KEY_UNKNOWN", hex(signed.kid));
  }
  const { issuedAt, expires, reportType } = facts;
  const lastSecond = expires - 1;
  if (signed.algorithm !== key.algorithm) throw new Rejection("KEY_ALGORITHM_MISMATCH");
  if (!key.types.includes(reportType)) throw new Rejection("KEY_REPORT_TYPE");
  if (issuedAt < key.notBefore) throw new Rejection("KEY_NOT_YET_VALID");
  if (issuedAt > key.notAfter) throw new Rejection("KEY_EXPIRED");
  if (lastSecond > key.notAfter) throw new Rejection("KEY_OUTLIVED");
  if (key.revokedAt !== null && key.revokedAt <= issuedAt) throw new Rejection("KEY_REVOKED");
  return key;
}

// Steps 5, 6 and 9: {reason, since}; `since` when the status has changed after `at`. `log`: a registration, a fault, or
// null (registration.js).
export function judge({ credential, key, origin }, { trust, at, now, log }) {
  const { facts } = credential;
  const { status, since } = statusAsked(facts, { trust, at, now, log });
  const reasons = [
    ...freshness(key, trust, now),
    ...(at < facts.issuedAt ? ["ISSUED_LATER"] : []), // 5
    ...(at >= facts.expires ? ["PERIOD_OVER"] : []),
    ...withdrawal(facts, trust, now, status), // 6
    ...doubts(log, facts.issuedAt), // 8
    ...(since ? ["OK_THEN"] : []),
    origin === null || origin === trust.keys.issuer.verifyUrl ? "OK" : "OK_FOREIGN_HOST",
  ];
  return { reason: SERIOUSNESS.find((reason) => reasons.includes(reason)), since };
}

function freshness(key, trust, now) {
  return [
    ...(key.revokedAt !== null ? ["KEY_REVOKED_LATER"] : []),
    ...(now < trust.keys.issuedAt - CLOCK_TOLERANCE_SECONDS ? ["CLOCK_BEHIND"] : []),
    ...(now >= trust.keys.expiresAt ? ["KEY_LIST_EXPIRED"] : []),
  ];
}

// A withdrawal counts when list or log has it; the log's history only when its newest act is what the list says, and
// not of a moment after the checkpoint.
function statusAsked(facts, { trust, at, now, log }) {
  const listed = trust.statuses === null ? null : valueAt(trust.statuses, facts.statusIndex);
  if (log === null || log.fault !== undefined || log.leaves.length === 0) return { status: listed, since: false };
  const { at: logged, act } = log.leaves[log.leaves.length - 1];
  if (listed === statusAfter(act) && at < now && logged <= log.checkpointAt) {
    const then = statusAt(log, at) ?? VALID;
    return { status: then, since: then !== listed };
  }
  return { status: listed === null || listed === VALID ? statusAfter(act) : listed, since: false };
}

// 6. A withdrawal counts even from a stale list. A stale "valid" counts for nothing.
function withdrawal(facts, trust, now, status) {
  const list = trust.statuses;
  const said = status === null || status === VALID ? [] : [WITHDRAWN[status]];
  if (list === null) return ["STATUS_MISSING", ...said];
  return [
    ...(isBegun(list, now) ? [] : ["CLOCK_BEHIND"]),
    ...(now >= list.expiresAt ? ["STATUS_STALE"] : []),
    ...(valueAt(list, facts.statusIndex) === null ? ["STATUS_INDEX_UNKNOWN"] : []),
    ...said,
  ];
}

const RELIED_ON = Object.freeze(["valid", "indeterminate"]);

// 9. The codes told beside `verdict`, in their order.
export function noticesOf(facts, verdict, { trust, at, now, since }) {
  const list = trust.changes;
  const value = list === null ? null : valueAt(list, facts.statusIndex);
  const known = value !== null && isBegun(list, now) && now < list.expiresAt;
  return [
    ...(since ? ["STATUS_CHANGED_SINCE"] : []),
    ...(verdict === "valid" && at > now + CLOCK_TOLERANCE_SECONDS ? ["ASKED_AHEAD"] : []),
    ...(value & 1 ? ["DATA_CORRECTED"] : []),
    ...(value & 2 ? ["RECORD_REPAIRED"] : []),
    ...(!known && RELIED_ON.includes(verdict) ? ["NOTICES_UNKNOWN"] : []),
  ];
}
