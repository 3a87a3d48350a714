// The verifier of this page: everything a caller needs, over docs/credential.md and nothing else of this house.
//
//     const trust = await openTrust(await (await fetch("/trust.json")).text(), seen);
//     const answer = await verify(scanned, { trust, at: new Date(), now: new Date() });
//
// * An answer is the JSON of one verify entry (design §8, without "input"): the same members and the same Chinese
//   sentences as POST /api/verify gives. `inWords` says it in another language.
// * TrustError: there is no usable trust; `untrusted` makes the answer of it. Unsupported: ask a server instead.
// * No network, no clock, no memory in here: what was fetched, what time it is and what was seen before is passed in.

import { authenticate, judge, noticesOf } from "./check.js";
import { Rejection } from "./errors.js";
import { toJson } from "./registration.js";
import { isoDay, isoMoment } from "./validity.js";
import { noticeWords, verdictOf, wordsOf } from "./wording.js";

export { contentRoot, fieldsOf } from "./binding.js";
export { authenticate } from "./check.js";
export { Rejection, TrustError, Unsupported } from "./errors.js";
export { evidence } from "./log.js";
export { readScanned } from "./scanned.js";
export { locator, openSealed } from "./sealed.js";
export { openTrust } from "./trust.js";
export { conclusion, inWords } from "./wording.js";

// The answer on `scanned` (text or Uint8Array) for the moment `at`; both moments are Dates. `log`: what evidence() gave,
// or null. Throws Unsupported, and nothing else, for any scanned thing.
export async function verify(scanned, { trust, at, now, log = null }) {
  const asked = { trust, at: seconds(at), now: seconds(now), log };
  try {
    return answered(await authenticate(scanned, asked), asked);
  } catch (error) {
    if (error instanceof Rejection) return refused(error, asked.at);
    throw error;
  }
}

// The answer when there is no usable trust: we cannot know.
export function untrusted(error, at) {
  return refused(new Rejection("TRUST_UNUSABLE", error.message), seconds(at));
}

// Throws RangeError for a Date that is none: no comparison with it would be true, and nothing be found wrong.
function seconds(date) {
  const value = date.getTime() / 1000;
  if (!Number.isFinite(value)) throw new RangeError("no such moment");
  return value;
}

function refused(rejection, at) {
  const { message, nextStep } = wordsOf("zh", rejection.reason, { detail: rejection.detail });
  return entry(rejection.reason, message, nextStep, at);
}

function answered(authentic, asked) {
  const { credential } = authentic;
  const { reason, since } = judge(authentic, asked);
  const report = reportOf(credential);
  const values = { report, issuer: asked.trust.keys.issuer.name, at: isoMoment(asked.at), count: 0 };
  const { message, nextStep } = wordsOf("zh", reason, values);
  const notices = noticesOf(credential.facts, verdictOf(reason), { ...asked, since });
  return {
    ...entry(reason, message, nextStep, asked.at),
    report,
    notices: notices.map((code) => noticeWords("zh", code)),
    log: toJson(asked.log),
  };
}

function entry(reason, message, nextStep, at) {
  return {
    verdict: verdictOf(reason),
    reason,
    message,
    next_step: nextStep,
    checked_at: isoMoment(at),
    report: null,
    differences: [],
    notices: [],
    log: null,
  };
}

function reportOf({ facts, number }) {
  return {
    number,
    type: "special_credit_report",
    subject_name: facts.subjectName,
    subject_code: facts.subjectCode,
    period_from: isoDay(facts.periodFrom),
    period_to: isoDay(facts.periodTo),
    issued_at: isoMoment(facts.issuedAt),
    valid_until: isoMoment(facts.expires - 1),
    domains: facts.domains,
    records: facts.records,
    domains_without_data: facts.domainsWithoutData,
  };
}
