// The record on paper: one A4 page with the verdict, whose report it is, what it says, and who checked it when.

import { domainsOf, toneOf } from "./content.js";
import { h, icon } from "./dom.js";
import { gistOf, logOf, rowsOf, said } from "./showing.js";
import { current, moment, t } from "./words.js";

const NAMED_MAX = 3;

export function sheetOf(outcome, { record, fingerprint }) {
  const { entry } = outcome;
  const words = said(outcome);
  return h("section", { class: "sheet", "aria-labelledby": "sheet-title", "data-verdict": entry.verdict },
    h("h2", { id: "sheet-title" }, t("record-sheet")),
    h("div", { class: "sheet-verdict" }, icon(entry.verdict),
      h("div", {}, h("p", { class: "sheet-label" }, words.label, h("span", {}, gistOf(outcome))), h("p", {}, words.message))),
    pairs(who(record)),
    entry.report === null ? null : pairs([...rowsOf(entry.report).map(({ name, value }) => [name, value]),
      [t("conclusion"), words.conclusion]]),
    resultsOf(outcome.sections),
    pairs(basis(outcome, record)),
    pairs([[t("record-token"), record.token_sha256 ?? t("none")], [t("record-key"), fingerprint],
      [t("record-signature"), record.signature]], "sheet-digits"),
    h("p", { class: "sheet-note" }, t("record-caveat")),
    h("p", { class: "sheet-sign" }, t("record-sign-here")));
}

function who({ checker, recorded_at: recorded, asked_at: asked, input }) {
  const name = [checker.name, checker.organisation].filter((part) => part !== "").join(current() === "zh" ? "，" : ", ");
  return [
    [t("record-who"), name],
    [t("record-when"), moment(recorded)],
    ...(asked === recorded ? [] : [[t("asked-at"), moment(asked)]]),
    [t("record-input"), t(`input-${input.kind}`, { name: input.name, sha: input.sha256 })],
  ];
}

function basis(outcome, record) {
  const { trust, reason, checked_in: where } = record;
  const notices = said(outcome).notices.map(({ message }) => message).join(" ") || t("none");
  const lists = trust === null ? t("none") : t("record-lists-value", {
    version: trust.key_list_version, keys: moment(trust.key_list_issued_at),
    status: trust.status_list_issued_at === null ? t("none") : moment(trust.status_list_issued_at),
  });
  const late = record.log === null ? "" : `；${t("log-late", { when: moment(record.log.checkpoint_at) })}`;
  const places = outcome.entry.differences;
  const named = places.slice(0, NAMED_MAX).map((difference) => difference.where).join("；");
  return [
    ...(places.length === 0 ? [] : [[t("differences"), t("record-places", { n: places.length, where: named })]]),
    [t("record-reason"), `${reason} · ${t(`where-${where}`)} · ${record.program}`],
    [t("record-notices"), notices],
    [t("record-log"), logOf(outcome).replace(/^.*?[：:]\s*/, "") + late],
    [t("record-lists"), lists],
  ];
}

// The results of the domains, small but all of them, as the report prints them.
function resultsOf(sections) {
  const domains = sections === null ? null : domainsOf(sections);
  if (domains === null) return null;
  const item = ({ name, result }) => h("li", { class: toneOf(result) }, h("span", {}, name), h("b", {}, result));
  return h("div", { class: "sheet-results", lang: "zh-CN" },
    h("p", {}, t("record-domains")), h("ol", {}, domains.results.map(item)));
}

function pairs(rows, kind = "") {
  return h("dl", { class: `sheet-pairs ${kind}` }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}
