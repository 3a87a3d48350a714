// The verifier of this page: everything a caller needs, over docs/credential.md and nothing else of this house.
//
//     const trust = await openTrust(await (await fetch("/trust.json")).text(), seen);
//     const answer = await verify(scanned, { trust, at: new Date(), now: new Date() });
//
// * An answer is the JSON of one verify entry (design §8, without "input"): the same members and the same Chinese
//   sentences as POST /api/verify gives. `inWords` says it in another language.
// * TrustError: there is no usable trust; `untrusted` makes the answer of it. Unsupported: ask a server instead.
// * No network, no clock, no memory in here: what was fetched, what time it is and what was seen before is passed in.

import { authenticate, documentFindings, judge, noticesOf } from "./check.js";
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

// The answer on `scanned` (text or Uint8Array) for the moment `at`. `log`: what evidence() gave, or null. `document`:
// see check.js, or null. Throws Unsupported, and nothing else, for any scanned thing.
export async function verify(scanned, { trust, at, now, log = null, document = null }) {
  const asked = { trust, at: at.getTime() / 1000, now: now.getTime() / 1000, log };
  try {
    const authentic = await authenticate(scanned, asked);
    return answered(authentic, document, asked);
  } catch (error) {
    if (error instanceof Rejection) return refused(error, asked.at);
    throw error;
  }
}

// The answer when there is no usable trust: we cannot know.
export function untrusted(error, at) {
  return refused(new Rejection("TRUST_UNUSABLE", error.message), at.getTime() / 1000);
}

function refused(rejection, at) {
  const { message, nextStep } = wordsOf("zh", rejection.reason, { detail: rejection.detail });
  return entry(rejection.reason, message, nextStep, at);
}

function answered(authentic, document, asked) {
  const { credential } = authentic;
  const { facts } = credential;
  const found = documentFindings(document, facts);
  const { reason, since } = judge(authentic, { ...asked, found });
  const report = reportOf(credential);
  const differences = found.includes("FIELDS_DIFFER") ? document.differences : [];
  const values = { report, issuer: asked.trust.keys.issuer.name, at: isoMoment(asked.at), count: differences.length };
  const { message, nextStep } = wordsOf("zh", reason, values);
  const notices = noticesOf(facts, verdictOf(reason), { ...asked, since });
  return {
    ...entry(reason, message, nextStep, asked.at),
    report,
    differences,
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
