// The lists the page checks with: /trust.json, and when there is no network the last one seen in this browser.
//
// * A list older than one already seen, or another root, is refused (docs/credential.md §7); the user may forget what
//   was seen, and is told what that means.
// * What says it was issued later than now is not kept: a stolen key could post-date one list, and every true one would
//   be refused from then on (docs/decisions/0183). It is judged like any other.
// * The age of a list says nothing by itself: the rules judge it, by the wall clock, in every check.

import { CLOCK_TOLERANCE_SECONDS } from "../verifier/status.js";
import { openTrust, TrustError } from "../verifier/verifier.js";
import { forget, read, write } from "./memory.js";

const KEPT = "trust";
// A network that swallows everything is as good as none to who has lists; who has none waits for them.
const PATIENCE_MS = 10_000;
const LONG_MS = 60_000;

// {trust, fetched}: `fetched` is false when these are the kept lists. Throws TrustError (unusable), Unsupported, or
// NoLists (nothing fetched and nothing kept).
export class NoLists extends Error {}

// `now`: a Date.
export async function currentLists(now) {
  const kept = await keptLists();
  const text = await fetchedText(kept === null ? LONG_MS : PATIENCE_MS);
  if (text === null) {
    if (kept === null) throw new NoLists();
    return { trust: kept, fetched: false };
  }
  const trust = await openTrust(text, kept);
  if (!isAhead(trust, now)) await write(KEPT, text);
  return { trust, fetched: true };
}

function isAhead({ keys, statuses, changes }, now) {
  const latest = now.getTime() / 1000 + CLOCK_TOLERANCE_SECONDS;
  return [keys, statuses, changes].some((list) => list !== null && list.issuedAt > latest);
}

// The lists and the log seen: a log belongs to a root.
export async function forgetLists() {
  await forget(KEPT);
  await forget("log");
}

// A kept text that can no longer be opened (its key list's format is gone, say) is as good as none.
async function keptLists() {
  const text = await read(KEPT);
  if (typeof text !== "string") return null;
  try {
    return await openTrust(text);
  } catch (error) {
    if (error instanceof TrustError) return null;
    throw error;
  }
}

async function fetchedText(patience) {
  try {
    const signal = AbortSignal.timeout(patience);
    const answer = await fetch("/trust.json", { cache: "no-cache", credentials: "omit", signal });
    const ours = (answer.headers.get("content-type") ?? "").startsWith("application/json");
    return answer.ok && ours ? await answer.text() : null;
  } catch {
    return null;
  }
}
