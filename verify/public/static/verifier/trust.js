// What a verifier trusts: one pinned root, the key list it signed, the newest status and notice list; docs/credential.md
// §7. A trust exists only verified, and never goes back to an older list than one already seen.

import { equal, hex, unbase64 } from "./bytes.js";
import { holds } from "./cose.js";
import { TrustError } from "./errors.js";
import { openKeyList } from "./keylist.js";
import { algorithmNamed, kidOf, verifyingKey } from "./keys.js";
import { CHANGES, WITHDRAWALS, readList, unusable } from "./status.js";

const TEXT_MAX = 12 * 1024 * 1024;
const FIRST = Object.freeze(["format", "issuer", "root", "key_list", "status_list"]);
const SECOND = Object.freeze([...FIRST, "notice_list"]);

function bad(what, code = "TRUST_FILE_INVALID") {
  return new TrustError(code, `信任文件不可用：${what}`);
}

// The trust in trust.json. `seen` is a trust opened before, or null: another root or an older list is refused.
// Throws TrustError, or Unsupported where the browser lacks an algorithm.
export async function openTrust(text, seen = null) {
  const content = contentOf(text);
  const [statusList, noticeList] = [optional(content.status_list), optional(content.notice_list ?? null)];
  const root = await rootOf(content.root);
  const keys = await openKeyList(bytesOf(content.key_list), root);
  const statuses = statusList && (await openList(statusList, WITHDRAWALS, root, keys));
  const changes = noticeList && (await openList(noticeList, CHANGES, root, keys));
  if (content.issuer !== keys.issuer.name) throw bad("签发机构名称与公钥清单不一致");
  const trust = Object.freeze({ root, keys, statuses, changes });
  if (seen !== null) refuseRollback(trust, seen);
  return trust;
}

function refuseRollback(trust, seen) {
  const sameRoot = trust.root.algorithm === seen.root.algorithm && equal(trust.root.publicKey, seen.root.publicKey);
  if (!sameRoot) throw bad("根公钥与本机固定的不一致", "ROOT_CHANGED");
  if (trust.keys.version < seen.keys.version) throw bad("公钥清单比本机已有的旧", "KEY_LIST_ROLLBACK");
  if (isOlder(trust.statuses, seen.statuses)) throw bad("状态清单比本机已有的旧", "STATUS_LIST_ROLLBACK");
  if (isOlder(trust.changes, seen.changes)) throw bad("提示清单比本机已有的旧", "NOTICE_LIST_ROLLBACK");
}

function isOlder(list, seen) {
  return seen !== null && (list === null || list.issuedAt < seen.issuedAt);
}

// The members of the file, exactly those of its format.
function contentOf(text) {
  if (text.length > TEXT_MAX) throw bad("文件过大");
  const content = parsed(text);
  if (!isObject(content)) throw bad("项目不对");
  const keys = { "chenghe-trust-1": FIRST, "chenghe-trust-2": SECOND };
  const known = typeof content.format === "string" && Object.hasOwn(keys, content.format);
  if (!known) throw bad("格式版本不认识", "TRUST_FORMAT_UNKNOWN");
  if (!hasExactly(content, keys[content.format])) throw bad("项目不对");
  return content;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw bad("不是 JSON");
    throw error;
  }
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasExactly(value, keys) {
  return Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key));
}

async function rootOf(value) {
  if (!isObject(value) || !hasExactly(value, ["algorithm", "public_key"])) throw bad("根公钥的写法不对");
  const algorithm = algorithmNamed(value.algorithm);
  if (algorithm === undefined) throw bad("根密钥算法不认识");
  const publicKey = bytesOf(value.public_key);
  const holds = await verifyingKey(algorithm.number, publicKey);
  if (holds === null) throw bad("根公钥的写法不对");
  return Object.freeze({ algorithm: algorithm.number, publicKey, kid: await kidOf(publicKey), holds });
}

// A list of this issuer and kind, signed by the root, or by a key that was in force at its issue and is not revoked.
async function openList(bytes, kind, root, keys) {
  const { list, signed } = await readList(bytes, kind);
  if (list.uri !== `${keys.issuer.verifyUrl}/${kind.place}`) {
    throw unusable(kind, "属于另一个签发机构，或是另一种清单", "OTHER_ISSUER");
  }
  const key = equal(signed.kid, root.kid) ? root : signingKey(signed, list, kind, keys);
  if (signed.algorithm !== key.algorithm || !(await holds(signed, key.holds))) {
    throw unusable(kind, "签名无效", "SIGNATURE");
  }
  return list;
}

function signingKey(signed, list, kind, keys) {
  const key = keys.keys.get(hex(signed.kid));
  if (key === undefined || key.revokedAt !== null) {
    throw unusable(kind, "签名密钥不在公钥清单中或已撤销", "SIGNATURE");
  }
  if (list.issuedAt < key.notBefore || list.issuedAt > key.notAfter) {
    throw unusable(kind, "签名密钥当时不在有效期内", "SIGNATURE");
  }
  return key;
}

function optional(value) {
  return value === null ? null : bytesOf(value);
}

function bytesOf(value) {
  if (typeof value !== "string") throw bad("应为 base64 文字");
  const bytes = unbase64(value);
  if (bytes === null) throw bad("base64 有错误");
  return bytes;
}
