// The table of results: a row for each report, sortable by every column, what needs attention first.
//
// * Verdicts are told by word, shape and colour; green is for "valid" alone, and a valid row with a mark, or of no use now,
//   is not plain green.
// * Nothing here judges: rows are what the service said.

import { inWords } from "../verifier/wording.js";
import { h, icon } from "../page/dom.js";
import { toneOfVerdict } from "../page/showing.js";
import { current, endOfDay, moment, t } from "./words.js";

const SHOWN_DIFFERENCES = 20;
const SERIOUS = ["forged", "altered", "revoked", "superseded", "expired", "not_yet_valid", "indeterminate", "unreadable", "valid"];
const COLUMNS = [
  ["number", (row) => row.row],
  ["verdict", seriousness],
  ["file", (row) => row.input],
  ["subject", (row) => row.report?.subject_name ?? ""],
  ["report", (row) => row.report?.number ?? ""],
  ["until", (row) => row.report?.valid_until ?? ""],
  ["said", (row) => row.differences.length + row.marks.length],
];

export function strikes(row) {
  return !usable(row) || row.marks.length > 0;
}

// Valid, and not only at the moment asked about.
function usable({ verdict, reason }) {
  return verdict === "valid" && reason !== "OK_THEN";
}

function seriousness(row) {
  return SERIOUS.indexOf(row.verdict) - (strikes(row) && row.verdict === "valid" ? 0.5 : 0);
}

// `view`: {by, down, striking, then}: `then` when another moment than now was asked about; `sortBy(name)` is called when a heading is pressed.
export function tableOf(rows, view, sortBy, issuer) {
  const shown = ordered(rows.filter((row) => !view.striking || strikes(row)), view);
  if (shown.length === 0) return h("p", { class: "soft" }, t("nothing"));
  return h("div", { class: "table-frame", tabindex: 0, role: "group", "aria-labelledby": "results-title" },
    h("table", { class: "stack batch" },
      h("thead", {}, h("tr", {}, COLUMNS.map(([name]) => heading(name, view, sortBy)))),
      h("tbody", {}, shown.map((row) => rowOf(row, issuer, view.then)))));
}

function ordered(rows, { by, down }) {
  const value = COLUMNS.find(([name]) => name === by)[1];
  const order = (one, other) => (typeof one === "number" ? one - other : one.localeCompare(other, "zh-CN"));
  const sorted = [...rows].sort((one, other) => order(value(one), value(other)) || one.row - other.row);
  return down ? sorted.reverse() : sorted;
}

function heading(name, { by, down }, sortBy) {
  const sorted = by !== name ? "none" : down ? "descending" : "ascending";
  const arrow = { none: "↕", ascending: "↑", descending: "↓" }[sorted];
  return h("th", { scope: "col", "aria-sort": sorted },
    h("button", { type: "button", class: "sort", onclick: () => sortBy(name), "data-sort": name },
      t(name), h("span", { class: "arrow", "aria-hidden": "true" }, arrow)));
}

function rowOf(row, issuer, then) {
  const words = inWords(current(), row, issuer);
  const tone = row.verdict === "valid" && row.marks.length > 0 ? "marked" : toneOfVerdict(row);
  const label = then && row.verdict === "valid" ? t("label-then") : words.label;
  const attributes = { class: tone, "data-row": row.row, "data-verdict": row.verdict, "data-reason": row.reason };
  return h("tr", attributes,
    cell("number", {}, String(row.row)),
    cell("verdict", { class: "batch-verdict" }, h("span", { class: "badge-verdict" }, icon(row.verdict, "row-icon"), label)),
    cell("file", { class: "batch-file" }, h("span", {}, row.input,
      row.codes > 1 ? h("span", { class: "soft" }, ` ${t("place", row)}`) : null)),
    cell("subject", {}, subject(row)),
    cell("report", { class: "code" }, row.report?.number ?? "—"),
    cell("until", {}, row.report === null ? "—" : endOfDay(row.report.valid_until)),
    cell("said", { class: "batch-said" }, remarks(row, words)));
}

function cell(name, attributes, ...content) {
  return h("td", { ...attributes, "data-name": t(name) }, ...content);
}

function subject({ report }) {
  if (report === null) return "—";
  return h("span", { lang: "zh-CN" }, report.subject_name, h("span", { class: "code batch-code" }, report.subject_code));
}

function remarks(row, words) {
  const differences = row.differences.slice(0, SHOWN_DIFFERENCES).map(difference);
  const more = row.differences.length - differences.length;
  return h("div", {},
    h("p", {}, words.message),
    differences.length > 0 ? h("ul", { class: "batch-differences" }, differences) : null,
    more > 0 ? h("p", { class: "soft" }, t("more", { n: more })) : null,
    row.marks.map((mark) => h("p", { class: "batch-mark", "data-mark": mark.code }, `! ${markWords(mark)}`)),
    words.notices.map((notice) => h("p", { class: "batch-mark" }, `! ${notice.message}`)),
    row.log === null ? null : h("p", { class: "soft" }, t("logged", { index: row.log.index, at: moment(row.log.logged_at) })),
    usable(row) ? null : h("p", { class: "soft" }, t("next"), words.nextStep));
}

function difference({ where, issued, found }) {
  return h("li", {}, h("strong", {}, where), " ",
    h("span", { class: "issued" }, `${t("issued")}“${issued || t("nothing-issued")}”`), " ",
    h("span", { class: "found" }, `${t("found")}“${found || t("nothing-found")}”`));
}

function markWords({ code, detail }) {
  return t(code, { detail });
}
