// What the transparency log says of one report: when it was registered, what status it had since; docs/credential.md
// §6 steps 6 and 8, §10.
//
// * A registration: {origin, treeSize, checkpointAt, openedAt, leaves: [{index, act, at}], witnesses}. Its leaves are
//   proven (log.js), oldest first; none: the log does not hold the report.
// * A fault: {fault: "LOG_PROOF_INVALID" | "LOG_FORKED"}. null: no log was asked.

import { isoMoment } from "./validity.js";

const MERGE_DELAY_SECONDS = 3600;
// The value of the status list after each act.
const AFTER = Object.freeze([null, 0, 1, 3, 2, 0]);
const NAMES = Object.freeze(["valid", "revoked", "suspended", "superseded"]);

export function statusAfter(act) {
  return AFTER[act];
}

// The status that the log gives the report at `moment`; null when it was not registered yet.
export function statusAt(registration, moment) {
  const acts = registration.leaves.filter((leaf) => leaf.at <= moment);
  return acts.length > 0 ? AFTER[acts[acts.length - 1].act] : null;
}

// The reasons for which the log makes a report issued at `issuedAt` doubtful.
export function doubts(log, issuedAt) {
  if (log === null) return [];
  if (log.fault !== undefined) return [log.fault];
  if (log.leaves.length > 0) return log.leaves[0].at > issuedAt + MERGE_DELAY_SECONDS ? ["LOG_BACKDATED"] : [];
  const missing = log.openedAt <= issuedAt && log.checkpointAt >= issuedAt + MERGE_DELAY_SECONDS;
  return missing ? ["LOG_NOT_REGISTERED"] : [];
}

// `log` of an answer.
export function toJson(log) {
  if (log === null || log.fault !== undefined || log.leaves.length === 0) return null;
  const [first, ...later] = log.leaves;
  return {
    origin: log.origin,
    index: first.index,
    logged_at: isoMoment(first.at),
    tree_size: log.treeSize,
    checkpoint_at: isoMoment(log.checkpointAt),
    witnesses: [...log.witnesses],
    changes: later.map((leaf) => ({ status: NAMES[AFTER[leaf.act]], at: isoMoment(leaf.at), index: leaf.index })),
  };
}
