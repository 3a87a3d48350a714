// Reasons, notices and verdicts in words, Chinese ("zh") and English ("en").
//
// * Text for people is plain text: who shows it escapes it. Names in it are what was signed, nothing else.
// * `inWords` says an entry of the JSON (ours or POST /api/verify's) in another language, from its codes and facts.

import { calendar, clock, dayOf } from "./validity.js";
import { EN } from "./wording_en.js";
import { ZH } from "./wording_zh.js";

export { allReasons, verdictOf } from "./verdicts.js";

export const LANGUAGES = Object.freeze({ zh: ZH, en: EN });

// {message, nextStep} of a reason. `values`: {detail}, or {report, issuer, at, count}; see `filled`.
export function wordsOf(language, reason, values) {
  const words = LANGUAGES[language];
  const [message, nextStep] = words.reasons[reason];
  return { message: filled(message, placeholders(words, values)), nextStep };
}

// What is wrong, of something that is no code: in Chinese, to stand in the middle of a sentence. Of a Rejection.
export function faultOf({ reason, detail }) {
  return wordsOf("zh", reason, { detail }).message.replace(/^核验码无法识别：/, "").replace(/。$/, "");
}

// A notice of an entry.
export function noticeWords(language, code) {
  const [message, nextStep] = LANGUAGES[language].notices[code];
  return { code, message, next_step: nextStep };
}

// What the report concluded, in one sentence. `report` is that of an entry.
export function conclusion(language, report) {
  return LANGUAGES[language].conclusion(report);
}

// {label, message, nextStep, conclusion, notices} of an entry. `conclusion` is null when nothing may be said.
export function inWords(language, entry, issuer) {
  const words = LANGUAGES[language];
  const { report, checked_at: at, differences } = entry;
  const values = { report, issuer, at, count: differences.length, detail: detailOf(entry) };
  const { message, nextStep } = wordsOf(language, entry.reason, report === null ? { detail: values.detail } : values);
  const alone = entry.next_step.endsWith(ZH.codeAlone) && nextStep.endsWith(words.compare);
  return {
    label: words.verdicts[entry.verdict],
    message,
    nextStep: alone ? nextStep.slice(0, -words.compare.length) + words.codeAlone : nextStep,
    conclusion: report === null ? null : words.conclusion(report),
    notices: entry.notices.map((notice) => noticeWords(language, notice.code)),
  };
}

// What the Chinese message names where its template has {detail}.
function detailOf({ reason, message }) {
  const [before, after] = ZH.reasons[reason][0].split("{detail}");
  return after === undefined ? "" : message.slice(before.length, message.length - after.length);
}

function placeholders(words, { report, issuer, at, count, detail = "" }) {
  if (report === undefined) return { detail };
  const seconds = (iso) => Date.parse(iso) / 1000;
  const moment = (iso) => words.moment(calendar(dayOf(seconds(iso))), clock(seconds(iso)));
  return {
    issuer,
    subject: report.subject_name,
    number: report.number,
    issued_at: moment(report.issued_at),
    valid_until: words.endOfDay(calendar(dayOf(seconds(report.valid_until)))),
    count: String(count),
    at: moment(at),
    detail,
  };
}

// Every {name} replaced once, from left to right: what is filled in is never looked at again.
function filled(template, values) {
  return template.replace(/\{([a-z_]+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? values[name] : whole));
}
