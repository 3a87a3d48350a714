// From what somebody gave to an outcome: checked here whenever it is a code; asked of the server when it is a file, a
// typed code, or this browser lacks an algorithm.
//
// * asked: {kind: "code" | "typed" | "file", text | number, code | file, at: Date | null, name, sha256, sent}; `sent` of a
//   code: it has been to the server before it was asked here.
// * outcome: {asked, entry, token, sections, lists, where, recordedAt}; `entry` is the JSON of one verify entry,
//   `sections` the issued content or null, `lists` what was checked with or null.
// * Whatever the server says, a code it gives is checked here as well: nothing is green that is not green here too.
// * Nothing is kept between two checks.

import { equal } from "../verifier/bytes.js";
import {
  authenticate, contentRoot, evidence, fieldsOf, locator, openSealed, Rejection, TrustError, Unsupported, untrusted,
  verify,
} from "../verifier/verifier.js";
import { isoMoment } from "../verifier/validity.js";
import { sectionsOf } from "./content.js";
import { currentLists, NoLists } from "./lists.js";
import { read, write } from "./memory.js";
import { sha256 } from "./record.js";
import { askServer, NotServed } from "./server.js";

const LOG = "log";
const PATIENCE_MS = 10_000;

// Throws NotServed or NoLists: no verdict then.
export async function check(asked) {
  if (asked.kind === "code") return (await here(asked)) ?? (await there(asked));
  const served = await askServer(fieldsAsked(asked), asked.at);
  const seen = await withDigest(asked);
  const own = served.token === null ? null : await ownOrNone({ ...seen, text: served.token });
  if (own === null) return bare(seen, served.entry);
  const ours = asked.kind === "typed" || contradicts(own.entry, served.entry);
  return ours ? { ...own, asked: seen } : both(seen, own, served.entry);
}

// What the server calls valid, and we do not, is not valid; of what we cannot authenticate it has nothing to say; and
// whose report it is, is told by the code alone.
function contradicts(own, served) {
  return own.report === null || (served.verdict === "valid" && own.verdict !== "valid");
}

function both(asked, own, entry) {
  return { ...own, asked, entry: { ...entry, report: own.entry.report, log: entry.log ?? own.entry.log }, where: "server" };
}

function fieldsAsked({ kind, number, code, file }) {
  return kind === "typed" ? { number, code } : { file };
}

async function withDigest(asked) {
  return asked.kind === "file" ? { ...asked, sha256: await sha256(await asked.file.arrayBuffer()) } : asked;
}

// Our own outcome on a code, or null where this browser lacks an algorithm.
async function here(asked) {
  try {
    return await checkedHere(asked);
  } catch (error) {
    if (error instanceof Unsupported) return null;
    throw error;
  }
}

async function ownOrNone(asked) {
  try {
    return await here(asked);
  } catch (error) {
    if (error instanceof NoLists) return null;
    throw error;
  }
}

// Where this browser lacks an algorithm the code is sent after all, and the page says so.
async function there(asked) {
  return bare(asked, (await askServer({ token: asked.text }, asked.at)).entry);
}

// A verdict of the server alone.
function bare(asked, entry) {
  const recordedAt = isoMoment(seconds(new Date()));
  return { asked, entry, token: null, sections: null, lists: null, where: "server", recordedAt };
}

async function checkedHere(asked) {
  const now = new Date(Math.floor(Date.now() / 1000) * 1000);
  const at = asked.at ?? now;
  const recordedAt = isoMoment(seconds(now));
  const outcome = { asked, token: null, sections: null, lists: null, where: "browser", recordedAt };
  try {
    const { trust, fetched } = await currentLists(now);
    const credential = await credentialOf(asked.text, trust, now);
    const [log, sections] = credential === null || !fetched ? [null, null] : await behind(credential, trust);
    const entry = await verify(asked.text, { trust, at, now, log });
    const token = credential === null ? null : credential.token;
    return { ...outcome, entry, token, sections, lists: await described(trust, fetched), logAsked: log !== null };
  } catch (error) {
    if (error instanceof TrustError) return { ...outcome, entry: untrusted(error, at) };
    throw error;
  }
}

// The credential when its signature holds, else null.
async function credentialOf(text, trust, now) {
  try {
    return (await authenticate(text, { trust, now: seconds(now) })).credential;
  } catch (error) {
    if (error instanceof Rejection) return null;
    throw error;
  }
}

// What the log says, and the issued content; null each when it cannot be had, or not in time.
function behind(credential, trust) {
  return Promise.all([logOf(credential, trust), contentOf(credential)]);
}

async function logOf(credential, trust) {
  if (trust.keys.logs.length === 0) return null;
  const kept = await read(LOG);
  const { log, seen } = await evidence(fetchBytes, trust, credential, Array.isArray(kept) ? kept : []);
  await write(LOG, seen);
  return log;
}

async function contentOf({ token, facts }) {
  try {
    const ciphertext = await fetchBytes(`sealed/${await locator(token)}`);
    if (ciphertext === null) return null;
    const issued = fieldsOf(await openSealed(token, ciphertext));
    return equal(await contentRoot(issued), facts.contentRoot) ? sectionsOf(issued.fields) : null;
  } catch (error) {
    if (error instanceof Rejection || error instanceof NotServed) return null;
    throw error;
  }
}

// The bytes of a public file, or null when there is none of that name. Throws NotServed when the server does not say.
async function fetchBytes(path) {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(`/${path}`, { cache: "no-cache", credentials: "omit", signal });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
    if (answer.status === 404) return null;
    throw new NotServed(answer.status);
  } catch (error) {
    throw error instanceof NotServed ? error : new NotServed(0);
  }
}

async function described({ root, keys, statuses, changes }, fetched) {
  const issued = (list) => (list === null ? null : isoMoment(list.issuedAt));
  return {
    fetched,
    issuer: keys.issuer.name,
    summary: {
      issuer: keys.issuer.name,
      root_sha256: await sha256(root.publicKey),
      key_list_version: keys.version,
      key_list_issued_at: isoMoment(keys.issuedAt),
      status_list_issued_at: issued(statuses),
      notice_list_issued_at: issued(changes),
    },
  };
}

function seconds(date) {
  return Math.floor(date.getTime() / 1000);
}
