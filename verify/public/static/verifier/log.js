// What the log proves of one report (docs/credential.md §6 step 8, §10):
//
// 1. the checkpoint is signed by a log of the pinned key list;
// 2. its tree begins with the last one seen, or the log has forked;
// 3. the first leaf says when the log was opened;
// 4. the report's leaves stand in the tree, are this report's, unbroken, in order and possible.
//
// * A log that cannot be asked (no checkpoint, another log, a file not there) proves and disproves nothing: null.
// * What is there and does not hold is the fault LOG_PROOF_INVALID.
// * The checkpoint is published last: leaves behind its tree are not yet registered, and are passed over.

import { equal, hex, unhex } from "./bytes.js";
import { Rejection } from "./errors.js";
import { sha256 } from "./keys.js";
import { OPENED, follows, readLeaf, readRegistered } from "./leaves.js";
import { emptyRoot, leafHash, verifyConsistency, verifyInclusion } from "./merkle.js";
import { openCheckpoint, readCheckpoint } from "./notes.js";
import { NotThere, Tiles } from "./tiles.js";

// {log, seen}: `log` for verify(), and what is to be remembered of the logs ([{origin, size, root}], may be kept as
// JSON) and given back as `seen` the next time. `fetchBytes(path)`, below the verify_url (`log/checkpoint`,
// `registered/…`), resolves to Uint8Array, or null when there is no such file; whatever else happens it rejects.
export async function evidence(fetchBytes, trust, credential, seen = []) {
  const reading = { asked: askedOf(fetchBytes), seen };
  const log = await proven(reading, trust.keys.logs, credential);
  return { log, seen: reading.seen };
}

async function proven(reading, logs, credential) {
  try {
    const state = await openLog(reading, logs);
    if (state === null || state.fault !== undefined) return state;
    return await registration(reading.asked, state, credential);
  } catch (error) {
    if (error instanceof NotThere) return null;
    if (error instanceof Rejection) return Object.freeze({ fault: error.reason });
    throw error;
  }
}

// 1–3: {checkpoint, tiles, openedAt}, a fault, or null. What was believed is remembered.
async function openLog(reading, logs) {
  const checkpoint = await checkpointOf(reading.asked, logs);
  if (checkpoint === null) return null;
  const tiles = new Tiles((path) => reading.asked(`log/${path}`), checkpoint.size);
  if (!(await holdsTogether(tiles, checkpoint))) throw new Rejection("LOG_PROOF_INVALID");
  if (!(await beginsWith(tiles, checkpoint, reading.seen))) return Object.freeze({ fault: "LOG_FORKED" });
  const openedAt = await opened(tiles, checkpoint);
  const { origin, size, root } = checkpoint;
  const newest = Object.freeze({ origin, size: String(size), root: hex(root) });
  reading.seen = [...reading.seen.filter((each) => each.origin !== origin), newest];
  return { checkpoint, tiles, openedAt };
}

// What the caller cannot get is not there.
function askedOf(fetchBytes) {
  return async (path) => {
    try {
      return await fetchBytes(path);
    } catch (error) {
      throw new NotThere(path, { cause: error });
    }
  };
}

// 1. null when there is none of a log of ours.
async function checkpointOf(asked, logs) {
  const bytes = await asked("log/checkpoint");
  const claimed = bytes && readCheckpoint(bytes);
  const log = claimed && logs.findLast(({ origin }) => origin === claimed.origin);
  if (!log) return null;
  const checkpoint = await openCheckpoint(claimed, log);
  if (checkpoint === null) throw new Rejection("LOG_PROOF_INVALID");
  return checkpoint;
}

async function holdsTogether(tiles, { size, root }) {
  return equal(size > 0n ? await tiles.rangeRoot(0n, size) : await emptyRoot(), root);
}

// 2. A smaller tree than the one seen is not grown from it.
async function beginsWith(tiles, { origin, size, root }, seen) {
  const last = seen.find((each) => each.origin === origin);
  if (last === undefined) return true;
  const [before, beforeRoot] = [BigInt(last.size), unhex(last.root)];
  if (before === 0n) return equal(beforeRoot, await emptyRoot());
  return before <= size && verifyConsistency(before, size, beforeRoot, root, await tiles.consistencyProof(before));
}

// 3.
async function opened(tiles, checkpoint) {
  if (checkpoint.size === 0n) throw new Rejection("LOG_PROOF_INVALID");
  const [first] = await tiles.entries(0n);
  await prove(first, 0n, tiles, checkpoint);
  const { act, at } = readLeaf(first);
  if (act !== OPENED) throw new Rejection("LOG_PROOF_INVALID");
  return at;
}

// 4.
async function registration(asked, { checkpoint, tiles, openedAt }, { token, facts }) {
  const ref = await sha256(token);
  const name = hex(ref);
  const bytes = await asked(`registered/${name.slice(0, 2)}/${name}`);
  const leaves = [];
  for (const row of bytes === null ? [] : readRegistered(bytes)) {
    if (BigInt(row.index) >= checkpoint.size) break;
    const leaf = readLeaf(row.bytes);
    const possible = leaf.ref !== undefined && equal(leaf.ref, ref) && follows(leaf, row.index, leaves.at(-1), facts);
    if (!possible) throw new Rejection("LOG_PROOF_INVALID");
    await prove(row.bytes, BigInt(row.index), tiles, checkpoint);
    leaves.push(Object.freeze({ index: row.index, act: leaf.act, at: leaf.at }));
  }
  const { origin, size, at, witnesses } = checkpoint;
  return Object.freeze({ origin, treeSize: Number(size), checkpointAt: at, openedAt, leaves, witnesses });
}

async function prove(leaf, index, tiles, { size, root }) {
  const proof = await tiles.inclusionProof(index);
  if (!(await verifyInclusion(await leafHash(leaf), index, size, root, proof))) {
    throw new Rejection("LOG_PROOF_INVALID");
  }
}
