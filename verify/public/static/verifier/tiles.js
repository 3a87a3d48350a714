// The log as files: hash tiles and entry bundles of 256 (C2SP tlog-tiles), and the proofs that can be made from them.
//
// * Nothing read here is believed: proofs made from it are verified against the signed root (merkle.js).
// * A partial file may have given way to the full one: then the beginning of that is read.
// * A file that is not there is `NotThere`; one of a wrong form is a Rejection LOG_PROOF_INVALID.

import { concat, equal } from "./bytes.js";
import { Rejection } from "./errors.js";
import { leafHash, leftSize, nodeHash } from "./merkle.js";

const WIDTH = 256n;
const HASH_BYTES = 32;
const BUNDLE_MAX = 256 * (2 + 128);

export class NotThere extends Error {}

export class Tiles {
  // `fetchBytes(path)` resolves to the bytes of a file of the log, null when there is none. `size`: BigInt.
  constructor(fetchBytes, size) {
    this.fetchBytes = fetchBytes;
    this.size = size;
    this.read = new Map();
  }

  // The root of the leaves start … end-1, a range that begins where a subtree does.
  async rangeRoot(start, end) {
    const size = end - start;
    const left = size > 1n ? leftSize(size) : 1n;
    if (size > 1n && left * 2n !== size) {
      return nodeHash(await this.rangeRoot(start, start + left), await this.rangeRoot(start + left, end));
    }
    let level = 0n;
    let unit = 1n;
    for (; unit * WIDTH <= size; unit *= WIDTH) level += 1n;
    const first = start / unit;
    const tile = await this.tile(level, first / WIDTH);
    const at = Number(first % WIDTH) * HASH_BYTES;
    return rootOf(tile.subarray(at, at + Number(size / unit) * HASH_BYTES));
  }

  async inclusionProof(index) {
    const proof = [];
    let [start, end] = [0n, this.size];
    while (end - start > 1n) {
      const middle = start + leftSize(end - start);
      proof.unshift(await (index < middle ? this.rangeRoot(middle, end) : this.rangeRoot(start, middle)));
      [start, end] = index < middle ? [start, middle] : [middle, end];
    }
    return proof;
  }

  // That this tree begins with the one of `size` leaves, 0 < size ≤ this.size (RFC 6962 PROOF).
  async consistencyProof(size) {
    const proof = [];
    let [start, end, known] = [0n, this.size, true];
    while (size < end) {
      const middle = start + leftSize(end - start);
      const isLeft = size <= middle;
      proof.unshift(await (isLeft ? this.rangeRoot(middle, end) : this.rangeRoot(start, middle)));
      known = known && isLeft;
      [start, end] = isLeft ? [start, middle] : [middle, end];
    }
    return known ? proof : [await this.rangeRoot(start, end), ...proof];
  }

  // The hashes of a tile, one after the other.
  async tile(level, number) {
    const width = this.widthAt(level, number);
    const { bytes: read, held } = await this.file(`tile/${level}/`, number, width);
    if (read.length !== held * HASH_BYTES) throw new Rejection("LOG_PROOF_INVALID");
    return read.subarray(0, width * HASH_BYTES);
  }

  // The leaves of a bundle; their hashes are those of the tile over them.
  async entries(number) {
    const width = this.widthAt(0n, number);
    const { bytes, held } = await this.file("tile/entries/", number, width);
    const whole = bytes.length <= BUNDLE_MAX ? split(bytes) : [];
    if (whole.length !== held) throw new Rejection("LOG_PROOF_INVALID");
    const leaves = whole.slice(0, width);
    const hashes = await Promise.all(leaves.map(leafHash));
    if (!equal(concat(hashes), await this.tile(0n, number))) throw new Rejection("LOG_PROOF_INVALID");
    return leaves;
  }

  widthAt(level, number) {
    const rest = this.size / WIDTH ** level - number * WIDTH;
    return Number(rest < WIDTH ? rest : WIDTH);
  }

  // {bytes, held}: `held` is what the file must hold, `width` or, where the partial one is gone, all 256.
  async file(folder, number, width) {
    const full = folder + pathOf(number);
    const partial = width === Number(WIDTH) ? null : await this.asked(`${full}.p/${width}`);
    return partial === null ? { bytes: await this.there(full), held: Number(WIDTH) } : { bytes: partial, held: width };
  }

  async there(path) {
    const bytes = await this.asked(path);
    if (bytes === null) throw new NotThere(path);
    return bytes;
  }

  async asked(path) {
    if (!this.read.has(path)) this.read.set(path, await this.fetchBytes(path));
    return this.read.get(path);
  }
}

// 1234067 → x001/x234/067
function pathOf(number) {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
}

// The root over hashes that fill a perfect tree.
async function rootOf(hashes) {
  if (hashes.length === HASH_BYTES) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(await rootOf(hashes.subarray(0, middle)), await rootOf(hashes.subarray(middle)));
}

// Leaves, each after its length in two bytes; none when they do not end where the bundle does.
function split(bundle) {
  const leaves = [];
  let at = 0;
  while (at + 2 <= bundle.length) {
    const start = at + 2;
    at = start + ((bundle[at] << 8) | bundle[at + 1]);
    leaves.push(bundle.subarray(start, at));
  }
  return at === bundle.length ? leaves : [];
}
