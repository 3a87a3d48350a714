// The part of the page that makes a verification record of the verdict shown: who checks, sign, print, download.

import { canonicalBytes } from "./canonical.js";
import { h } from "./dom.js";
import { knownChecker, recordOf } from "./record.js";
import { sheetOf } from "./sheet.js";
import { t } from "./words.js";

// `made`: the record of this outcome when there already is one, else null; `onMade` is told of a new one.
export function recordCard(outcome, made, program, onMade) {
  const card = h("section", { class: "card record", "aria-labelledby": "record" }, h("h2", { id: "record" }, t("record")));
  if (made === null) card.append(...asking(outcome, program, onMade));
  else card.append(...ready(outcome, made));
  return card;
}

function asking(outcome, program, onMade) {
  const field = (name, key, most) => h("label", { class: "field" }, h("span", { class: "name" }, t(key)),
    h("input", { type: "text", name, maxlength: most, required: name === "name", pattern: "[\\s\\S]*\\S[\\s\\S]*", autocomplete: name }));
  const message = h("p", { class: "record-message", role: "status", "aria-live": "polite" });
  const form = h("form", { class: "record-form", onsubmit: async (event) => {
    event.preventDefault();
    try {
      onMade(await recordOf(outcome, Object.fromEntries(new FormData(form)), program));
    } catch {
      message.textContent = t("record-failed");
    }
  } }, field("name", "record-name", 60), field("organisation", "record-organisation", 120),
  h("button", { type: "submit", class: "quiet" }, t("record-make")));
  knownChecker().then(({ name, organisation }) => {
    form.elements.name.value ||= name;
    form.elements.organisation.value ||= organisation;
  });
  return [h("p", { class: "soft no-print" }, t("record-note")), form, message];
}

function ready(outcome, made) {
  return [
    h("p", { class: "record-ready no-print", role: "status", tabindex: -1 }, t("record-ready")),
    made.kept ? null : h("p", { class: "soft no-print" }, t("record-unkept")),
    h("dl", { class: "record-print no-print" }, h("dt", {}, t("record-key")), h("dd", { class: "code" }, made.fingerprint)),
    h("div", { class: "buttons no-print" },
      h("button", { type: "button", onclick: () => window.print() }, t("record-print")),
      h("a", { class: "button quiet", download: nameOf(outcome), href: fileOf(made.record) }, t("record-save"))),
    sheetOf(outcome, made),
  ].filter((part) => part !== null);
}

function nameOf({ entry }) {
  return `核验记录-${entry.report?.number ?? entry.verdict}.json`;
}

function fileOf(record) {
  return URL.createObjectURL(new Blob([canonicalBytes(record)], { type: "application/json" }));
}
