// SM2 with SM3 (商用密码): whether a signature holds. Verification only: nothing here is secret, so nothing needs to take
// the same time for every number.
//
// * e = SM3(Z ‖ message), Z = SM3(ENTL ‖ id ‖ a ‖ b ‖ G ‖ public key), id = 1234567812345678.
// * A public key is 04 ‖ x ‖ y, on the curve; a signature is r ‖ s with 0 < r, s < n.
//
// Sources: GB/T 32918.2-2016 §7, GB/T 32918.5-2017 (curve), GM/T 0009-2012 §10 (id).

import { concat, fromNumber, toNumber, utf8 } from "./bytes.js";
import { sm3 } from "./sm3.js";

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const A = P - 3n;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const GX = 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n;
const GY = 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n;
const SIGNER_ID = utf8("1234567812345678");

const modP = (value) => {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
};

// A verifying key; null for bytes that are no point of the curve.
export function loadSm2(publicKey) {
  const [x, y] = [toNumber(publicKey.subarray(1, 33)), toNumber(publicKey.subarray(33))];
  const onCurve = x < P && y < P && modP(y * y - x * x * x - A * x - B) === 0n;
  if (publicKey.length !== 65 || publicKey[0] !== 4 || !onCurve) return null;
  return async (message, signature) => holds(x, y, digestOf(publicKey, message), signature);
}

// e: what is signed for `message`.
export function digestOf(publicKey, message, signerId = SIGNER_ID) {
  const bits = fromNumber(BigInt(8 * signerId.length), 2);
  const curve = [A, B, GX, GY].map((number) => fromNumber(number, 32));
  const z = sm3(concat([bits, signerId, ...curve, publicKey.subarray(1)]));
  return sm3(concat([z, message]));
}

// Whether r ‖ s is a signature of the digest under the key (x, y): R = (e + x₁) mod n, (x₁, y₁) = s·G + t·key.
export function holds(x, y, digest, signature) {
  if (signature.length !== 64) return false;
  const [r, s] = [toNumber(signature.subarray(0, 32)), toNumber(signature.subarray(32))];
  if (r === 0n || s === 0n || r >= N || s >= N) return false;
  const t = (r + s) % N;
  if (t === 0n) return false;
  const [px, , pz] = sumOf(s, [GX, GY, 1n], t, [x, y, 1n]);
  if (pz === 0n) return false;
  return (toNumber(digest) + modP(px * inverse(pz * pz))) % N === r;
}

// Points in Jacobian coordinates: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity.
const INFINITY = [1n, 1n, 0n];

// u·first + v·second, bit by bit from the top.
function sumOf(u, first, v, second) {
  const both = sum(first, second);
  let point = INFINITY;
  for (let bit = 255n; bit >= 0n; bit--) {
    point = doubled(point);
    const [inU, inV] = [(u >> bit) & 1n, (v >> bit) & 1n];
    if (inU && inV) point = sum(point, both);
    else if (inU) point = sum(point, first);
    else if (inV) point = sum(point, second);
  }
  return point;
}

// a = -3: 3·X² + a·Z⁴ = 3·(X - Z²)·(X + Z²).
function doubled([x, y, z]) {
  const zz = modP(z * z);
  const yy = modP(y * y);
  const side = modP(4n * x * yy);
  const slope = modP(3n * (x - zz) * (x + zz));
  const x3 = modP(slope * slope - 2n * side);
  return [x3, modP(slope * (side - x3) - 8n * yy * yy), modP(2n * y * z)];
}

function sum(left, right) {
  const [x1, y1, z1] = left;
  const [x2, y2, z2] = right;
  if (z1 === 0n) return right;
  if (z2 === 0n) return left;
  const [zz1, zz2] = [modP(z1 * z1), modP(z2 * z2)];
  const [u1, s1] = [modP(x1 * zz2), modP(y1 * zz2 * z2)];
  const [h, slope] = [modP(x2 * zz1 - u1), modP(y2 * zz1 * z1 - s1)];
  if (h === 0n) return slope === 0n ? doubled(left) : INFINITY;
  const hh = modP(h * h);
  const [hhh, side] = [modP(hh * h), modP(u1 * hh)];
  const x3 = modP(slope * slope - hhh - 2n * side);
  return [x3, modP(slope * (side - x3) - s1 * hhh), modP(z1 * z2 * h)];
}

// 1/value modulo p, by Euclid's algorithm; value is not a multiple of p.
function inverse(value) {
  let [low, high] = [modP(value), P];
  let [left, right] = [1n, 0n];
  while (low > 1n) {
    const times = high / low;
    [low, high] = [high - times * low, low];
    [left, right] = [right - times * left, left];
  }
  return modP(left);
}
