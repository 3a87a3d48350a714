// The batch page in Chinese and English; the language is the one remembered by the verification page.

import { current, t as shared } from "../page/words.js";
import { WORDS } from "./dictionary.js";

export { current, endOfDay, moment, switchLanguage } from "../page/words.js";

// {name} is filled from `values`.
export function t(key, values = {}) {
  if (WORDS[key] === undefined) return shared(key, values);
  const [zh, en] = WORDS[key];
  return (current() === "en" ? en : zh).replace(/\{([a-z]+)\}/g, (whole, name) => values[name] ?? whole);
}

export function translate() {
  document.documentElement.lang = current() === "en" ? "en" : "zh-CN";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t, element.dataset);
}
