// The key list: who may sign which reports, from when to when, in whose name; its logs and PDF certificates.
// docs/credential.md §5. Signed by the pinned root, or it is nothing.

import { isBytes, isInteger, read } from "./cbor.js";
import { equal, hex } from "./bytes.js";
import { holds, openSign1 } from "./cose.js";
import { Rejection, TrustError } from "./errors.js";
import { ED25519, algorithmOf, kidOf, verifyingKey } from "./keys.js";
import { faultOf } from "./wording.js";

const TYP = "application/vnd.chenghe.key-list+cbor";
const BYTES_MAX = 256 * 1024;
const ROWS_MAX = 1000;
const WITNESSES_MAX = 100;
const NAME = /^[!-*,-~]{1,200}$/;
const PREFIX = /^[A-Z]{4}$/;
const ORIGIN = /^https?:\/\/[a-z0-9.-]{1,253}(:[0-9]{1,5})?$/;

function bad(what, code = "KEY_LIST_INVALID") {
  return new TrustError(code, `公钥清单不可用：${what}`);
}

// The list in `bytes`, signed by exactly this root. Throws TrustError (or Unsupported).
export async function openKeyList(bytes, root) {
  if (bytes.length > BYTES_MAX) throw bad("过大");
  try {
    const signed = openSign1(bytes, TYP);
    if (signed.algorithm !== root.algorithm || !equal(signed.kid, root.kid)) {
      throw bad("不是由固定的根密钥签名", "KEY_LIST_OTHER_ROOT");
    }
    if (!(await holds(signed, root.holds))) throw bad("根签名无效", "KEY_LIST_SIGNATURE");
    return await listOf(read(signed.payload));
  } catch (error) {
    if (error instanceof Rejection) throw bad(faultOf(error));
    throw error;
  }
}

async function listOf(value) {
  if (!Array.isArray(value) || value.length < 6) throw bad("结构不对");
  const [format, version, issued, expires, names, rows, logs, certificates] = value;
  const first = format === 1 && value.length === 6;
  const second = format === 2 && value.length === 8 && Array.isArray(logs) && Array.isArray(certificates);
  const whole = isInteger(version) && version >= 1 && Array.isArray(names) && Array.isArray(rows) && (first || second);
  if (!whole || (second && certificates.length > ROWS_MAX)) throw bad("结构不对");
  return Object.freeze({
    logs: first ? Object.freeze([]) : await all(logs, logOf),
    certificates: first ? null : await all(certificates, certificateOf),
    version,
    issuedAt: moment(issued),
    expiresAt: moment(expires),
    issuer: issuerOf(names),
    keys: await keysOf(rows),
  });
}

async function all(rows, one) {
  const read = [];
  for (const row of rows) read.push(Object.freeze(await one(row)));
  return Object.freeze(read);
}

// kid in hexadecimal → key. No two alike.
async function keysOf(rows) {
  if (rows.length > ROWS_MAX) throw bad("密钥过多");
  const entries = await all(rows, keyOf);
  const keys = new Map(entries.map((entry) => [hex(entry.kid), entry]));
  if (keys.size !== entries.length) throw bad("有重复的密钥编号", "KEY_LIST_KID_COLLISION");
  return keys;
}

async function keyOf(row) {
  if (!Array.isArray(row) || row.length !== 7) throw bad("密钥的写法不对");
  const [kid, algorithm, publicKey, start, end, revoked, types] = row;
  if (!isBytes(kid) || !isInteger(algorithm) || !isBytes(publicKey) || !Array.isArray(types)) {
    throw bad("密钥的写法不对");
  }
  if (!equal(kid, await kidOf(publicKey))) throw bad("密钥编号与公钥不符");
  if (!types.every((type, at) => isInteger(type) && (at === 0 || types[at - 1] < type))) {
    throw bad("报告类型的写法不对");
  }
  const holds = await loaded(algorithm, publicKey);
  const revokedAt = revoked === null ? null : moment(revoked);
  return { kid, algorithm, publicKey, holds, notBefore: moment(start), notAfter: moment(end), revokedAt, types };
}

async function logOf(row) {
  const [origin, publicKey, witnesses] = Array.isArray(row) && row.length === 3 ? row : [];
  if (!isName(origin) || !isBytes(publicKey) || !Array.isArray(witnesses) || witnesses.length > WITNESSES_MAX) {
    throw bad("登记日志的写法不对");
  }
  return { origin, publicKey, holds: await loaded(ED25519, publicKey), witnesses: await all(witnesses, witnessOf) };
}

async function witnessOf(row) {
  const [name, publicKey] = Array.isArray(row) && row.length === 2 ? row : [];
  if (!isName(name) || !isBytes(publicKey)) throw bad("见证机构的写法不对");
  return { name, publicKey, holds: await loaded(ED25519, publicKey) };
}

function certificateOf(row) {
  const [fingerprint, start, end, revoked] = Array.isArray(row) && row.length === 4 ? row : [];
  if (!isBytes(fingerprint) || fingerprint.length !== 32) throw bad("证书的写法不对");
  const revokedAt = revoked === null ? null : moment(revoked);
  return { fingerprint, notBefore: moment(start), notAfter: moment(end), revokedAt };
}

function issuerOf(names) {
  const [name, prefix, url] = names;
  const length = typeof name === "string" ? Array.from(name).length : 0;
  const whole = names.length === 3 && length >= 1 && length <= 120;
  if (!whole || !matches(PREFIX, prefix) || !matches(ORIGIN, url)) throw bad("签发机构的写法不对");
  return Object.freeze({ name, numberPrefix: prefix, verifyUrl: url });
}

function isName(value) {
  return matches(NAME, value);
}

function matches(pattern, value) {
  return typeof value === "string" && pattern.test(value);
}

async function loaded(number, publicKey) {
  const algorithm = algorithmOf(number);
  if (algorithm === undefined) throw bad(`不认可的签名算法：${number}`);
  const key = await verifyingKey(number, publicKey);
  if (key === null) throw bad(`这不是 ${algorithm.name} 公钥`);
  return key;
}

function moment(value) {
  if (!isInteger(value) || value < 0 || value >= 2 ** 32) throw bad("时间的写法不对");
  return value;
}
