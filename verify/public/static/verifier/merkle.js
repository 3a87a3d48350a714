// Merkle proofs of a transparency log: that a leaf stands in a tree, that a tree grew out of another.
//
// * leaf = SHA-256(00 ‖ bytes), node = SHA-256(01 ‖ left ‖ right); left stands the largest power of two below the size.
// * A subtree [start, end) is one that stands as it is in every tree that holds it. The tree of n leaves is [0, n).
// * Sizes and indexes are BigInts. A proof holds or it does not: nothing is thrown for what came from outside.
//
// A proof is read from its end, the highest hash, downwards; the roots are built on the way back.
// Sources: RFC 6962 §2.1; RFC 9162 §2.1.3, §2.1.4; draft-ietf-plants-merkle-tree-certs §4 (subtrees).

import { concat, equal } from "./bytes.js";
import { sha256 } from "./keys.js";

const HASH_BYTES = 32;
const SIZE_MAX = 1n << 62n;
const PROOF_MAX = 128;

export async function leafHash(leaf) {
  return sha256(concat([Uint8Array.of(0), leaf]));
}

export async function nodeHash(left, right) {
  return sha256(concat([Uint8Array.of(1), left, right]));
}

export async function emptyRoot() {
  return sha256(new Uint8Array());
}

// The largest power of two below `size` (> 1).
export function leftSize(size) {
  let power = 1n;
  while (power * 2n < size) power *= 2n;
  return power;
}

function isSubtree(start, end) {
  if (start < 0n || start >= end || end > SIZE_MAX) return false;
  const width = end - start === 1n ? 1n : 2n * leftSize(end - start);
  return start % width === 0n;
}

export async function verifyInclusion(leaf, index, size, root, proof) {
  return verifySubtreeInclusion(leaf, index, 0n, size, root, proof);
}

export async function verifyConsistency(oldSize, newSize, oldRoot, newRoot, proof) {
  return oldSize > 0n && verifySubtreeConsistency(0n, oldSize, newSize, oldRoot, newRoot, proof);
}

export async function verifySubtreeInclusion(leaf, index, start, end, root, proof) {
  if (!isSubtree(start, end) || index < start || index >= end || !areHashes([leaf, ...proof])) return false;
  const rest = [...proof];
  const found = await climbed(leaf, index, start, end, rest);
  return found !== null && rest.length === 0 && equal(found, root);
}

// The root of [start, end) from the leaf and the hashes beside its path; null when these run out.
async function climbed(leaf, index, start, end, rest) {
  if (end - start === 1n) return leaf;
  const middle = start + leftSize(end - start);
  const beside = rest.pop();
  if (beside === undefined) return null;
  const isLeft = index < middle;
  const [first, last] = isLeft ? [start, middle] : [middle, end];
  const inside = await climbed(leaf, index, first, last, rest);
  if (inside === null) return null;
  return isLeft ? nodeHash(inside, beside) : nodeHash(beside, inside);
}

export async function verifySubtreeConsistency(start, end, size, subtreeRoot, root, proof) {
  if (start === end && start >= 0n && start <= size) return proof.length === 0 && equal(subtreeRoot, await emptyRoot());
  if (!isSubtree(start, end) || end > size || size > SIZE_MAX || !areHashes(proof)) return false;
  const rest = [...proof];
  const built = await rebuilt({ start, end, subtreeRoot }, 0n, size, true, rest);
  return built !== null && rest.length === 0 && equal(built.part, subtreeRoot) && equal(built.whole, root);
}

// {part, whole} of [first, last): the root of what of the subtree lies in it, and its own; null when hashes run out.
// `known`: all of the subtree lies in here, so its root is the one given.
async function rebuilt(subtree, first, last, known, rest) {
  if (subtree.start <= first && last <= subtree.end) {
    const all = known ? subtree.subtreeRoot : rest.pop();
    return all === undefined ? null : { part: all, whole: all };
  }
  const middle = first + leftSize(last - first);
  const beside = rest.pop();
  if (beside === undefined) return null;
  const isLeft = subtree.end <= middle;
  const within = known && (isLeft || subtree.start >= middle);
  const inside = await rebuilt(subtree, ...(isLeft ? [first, middle] : [middle, last]), within, rest);
  if (inside === null) return null;
  const whole = await (isLeft ? nodeHash(inside.whole, beside) : nodeHash(beside, inside.whole));
  return { part: isLeft || within ? inside.part : await nodeHash(beside, inside.part), whole };
}

function areHashes(values) {
  return values.length <= PROOF_MAX && values.every((value) => value.length === HASH_BYTES);
}
