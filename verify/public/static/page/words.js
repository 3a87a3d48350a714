// What the page itself says, in Chinese and English; the language is remembered. Verdicts and reasons are worded by the
// verifier (wording.js).
//
// * Elements of the templates carry data-t="key": their text is replaced when the language changes; the Chinese here is
//   the Chinese of the templates, word for word (a test compares).
// * {name} is filled from `values`, or from the element's data-name.

import { calendar, clock, dayOf } from "../verifier/validity.js";
import { LANGUAGES } from "../verifier/wording.js";
import { WORDS } from "./dictionary.js";

const REMEMBERED = "chenghe-language";
let language = remembered();

export function current() {
  return language;
}

export function t(key, values = {}) {
  const [zh, en] = WORDS[key];
  return (language === "en" ? en : zh).replace(/\{([a-z]+)\}/g, (whole, name) => values[name] ?? whole);
}

export function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  try {
    localStorage.setItem(REMEMBERED, language);
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}

// Every element of the templates in the current language.
export function translate(root = document) {
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t, element.dataset);
}

// 2026年11月22日 10:00:05
export function moment(iso) {
  const seconds = Date.parse(iso) / 1000;
  return LANGUAGES[language].moment(calendar(dayOf(seconds)), clock(seconds));
}

export function endOfDay(iso) {
  return LANGUAGES[language].endOfDay(calendar(dayOf(Date.parse(iso) / 1000)));
}

// A day as the report prints it: 2026-08-20 → 2026年8月20日.
export function day(iso) {
  const date = calendar(dayOf(Date.parse(`${iso}T00:00:00+08:00`) / 1000));
  if (language === "zh") return `${date.year}年${date.month}月${date.day}日`;
  return new Date(Date.UTC(date.year, date.month - 1, date.day)).toLocaleDateString("en-GB", {
    day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
  });
}

// How long ago, in the largest unit that fits: 3 小时前.
export function ago(milliseconds) {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  if (minutes < 1) return t("ago-now");
  if (minutes < 60) return t(minutes === 1 ? "ago-minute" : "ago-minutes", { n: minutes });
  const hours = Math.round(minutes / 60);
  if (hours < 48) return t(hours === 1 ? "ago-hour" : "ago-hours", { n: hours });
  return t("ago-days", { n: Math.round(hours / 24) });
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}
