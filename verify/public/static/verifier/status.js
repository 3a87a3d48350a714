// Status list and notice list: two bits per report, IETF Token Status List (CWT form); docs/credential.md §5.
//
// * Least significant bits of each byte first; zlib, unpacked with a bound.
// * `sub` is the list's address: one list never stands in for the other, nor another issuer's for ours.

import { isBytes, isInteger, read } from "./cbor.js";
import { concat } from "./bytes.js";
import { openSign1 } from "./cose.js";
import { Rejection, TrustError, Unsupported } from "./errors.js";
import { faultOf } from "./wording.js";

const TYP = "application/statuslist+cwt";
const SUB = 2, EXP = 4, IAT = 6, TTL = 65534, LIST = 65533;
const UNPACKED_MAX = 4 * 1024 * 1024;
const BYTES_MAX = UNPACKED_MAX + 4096;
export const CLOCK_TOLERANCE_SECONDS = 300;

export const WITHDRAWALS = Object.freeze({ name: "状态清单", code: "STATUS_LIST", place: "status" });
export const CHANGES = Object.freeze({ name: "提示清单", code: "NOTICE_LIST", place: "notices" });

export function unusable(kind, what, fault = "INVALID") {
  return new TrustError(`${kind.code}_${fault}`, `${kind.name}不可用：${what}`);
}

// {list, signed} of `bytes`: read, its signature not yet verified. Throws TrustError (or Unsupported).
export async function readList(bytes, kind) {
  if (bytes.length > BYTES_MAX) throw unusable(kind, "过大");
  const [signed, claims] = claimsOf(bytes, kind);
  const known = claims instanceof Map && [SUB, EXP, IAT, TTL, LIST].every((claim) => claims.has(claim));
  if (!known || claims.size !== 5) throw unusable(kind, "结构不对");
  const [uri, ttl] = [claims.get(SUB), claims.get(TTL)];
  if (typeof uri !== "string" || !isInteger(ttl) || ttl <= 0) throw unusable(kind, "结构不对");
  const packed = await packedOf(claims.get(LIST), kind);
  const [issuedAt, expiresAt] = [moment(claims.get(IAT), kind), moment(claims.get(EXP), kind)];
  return { list: Object.freeze({ uri, issuedAt, expiresAt, ttlSeconds: ttl, packed }), signed };
}

// The two bits of `index`; null when the list has no entry for it.
export function valueAt(list, index) {
  const byte = list.packed[Math.floor(index / 4)];
  return byte === undefined ? null : (byte >> (2 * (index % 4))) & 3;
}

// Whether the list does not come from the future of this clock, five minutes apart.
export function isBegun(list, now) {
  return now >= list.issuedAt - CLOCK_TOLERANCE_SECONDS;
}

function claimsOf(bytes, kind) {
  try {
    const signed = openSign1(bytes, TYP);
    return [signed, read(signed.payload)];
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    throw unusable(kind, faultOf(error));
  }
}

async function packedOf(value, kind) {
  const whole = value instanceof Map && value.size === 2 && value.get("bits") === 2 && isBytes(value.get("lst"));
  if (!whole) throw unusable(kind, "不是每份报告两位的清单");
  return unpacked(value.get("lst"), kind);
}

// zlib, at most UNPACKED_MAX bytes; neither cut short nor followed by anything.
export async function unpacked(compressed, kind = WITHDRAWALS) {
  if (globalThis.DecompressionStream === undefined) throw new Unsupported("DecompressionStream");
  const reader = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const chunks = [];
  let size = 0;
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      chunks.push(chunk.value);
      size += chunk.value.length;
      if (size > UNPACKED_MAX) break;
    }
  } catch (error) {
    if (error instanceof TypeError) throw unusable(kind, "压缩内容损坏或不完整");
    throw error;
  }
  if (size <= UNPACKED_MAX) return concat(chunks);
  await reader.cancel();
  throw unusable(kind, "展开后过大", "TOO_LARGE");
}

function moment(value, kind) {
  if (!isInteger(value) || value < 0 || value >= 2 ** 32) throw unusable(kind, "时间的写法不对");
  return value;
}
