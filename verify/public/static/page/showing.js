// The result of one check as elements: verdict in words, colour and shape, then what to compare, and what was issued.
//
// * Rows exist only when the signature holds: nothing unsigned is shown as true. Green is for "valid" and nothing else.
// * Made from an outcome each time the language changes; it never checks anything.

import { conclusion, inWords } from "../verifier/wording.js";
import { domainsOf, toneOf } from "./content.js";
import { h, icon } from "./dom.js";
import { ago, current, day, endOfDay, moment, t } from "./words.js";

const TONES = Object.freeze({
  valid: "good", expired: "late", not_yet_valid: "late", superseded: "late", revoked: "bad", forged: "bad",
  altered: "changed", unreadable: "unsure", indeterminate: "unsure",
});

export function headline(outcome) {
  return said(outcome).label;
}

// Verdict, differences, what to compare, what was issued; null for what there is none of.
export function shown(outcome) {
  const { entry } = outcome;
  return [
    verdictOf(outcome),
    entry.differences.length > 0 ? differencesOf(entry.differences) : null,
    entry.report === null ? null : compareOf(entry.report),
    entry.report === null ? null : contentOf(outcome),
  ];
}

// {label, message, nextStep, conclusion, notices} in the page's language. What was valid at another moment is not called
// valid without more.
export function said({ asked, entry, lists }) {
  const words = inWords(current(), entry, lists?.issuer ?? issuerShown());
  return asked.at !== null && entry.verdict === "valid" ? { ...words, label: t("label-then") } : words;
}

function issuerShown() {
  return document.querySelector(".brand-office")?.textContent ?? "";
}

// ---- the verdict ----

function verdictOf(outcome) {
  const { entry } = outcome;
  const words = said(outcome);
  const attributes = {
    class: `verdict ${toneOfVerdict(entry)}`, role: "status", "aria-live": "assertive", "aria-labelledby": "verdict",
    "data-verdict": entry.verdict, "data-reason": entry.reason,
  };
  return h("section", attributes,
    h("div", { class: "verdict-head" }, icon(entry.verdict),
      h("div", {}, h("h1", { id: "verdict", tabindex: -1 }, words.label),
        h("p", { class: "verdict-gist" }, gistOf(outcome)))),
    outcome.asked.at === null ? null : askedOf(entry),
    entry.report === null ? null : subjectOf(entry.report, words.conclusion),
    words.notices.map(noticeOf),
    h("p", { class: "verdict-message" }, words.message),
    h("p", { class: "verdict-next" }, h("strong", {}, t("what-now")), words.nextStep),
    h("ul", { class: "verdict-basis" }, basisOf(outcome).map((line) => h("li", {}, line))));
}

function askedOf(entry) {
  return h("p", { class: "verdict-asked" }, `${t("asked-at")} ${moment(entry.checked_at)}`);
}

export function gistOf({ asked, entry }) {
  if (entry.reason === "OK_THEN") return t("gist-valid-then");
  if (entry.verdict !== "valid") return t(`gist-${entry.verdict}`);
  if (asked.at !== null) return t("gist-then");
  return t(entry.notices.some(({ code }) => code === "DATA_CORRECTED") ? "gist-valid-corrected" : "gist-valid");
}

// Green is what is valid now; what was valid at the moment asked about, and is not now, is marked.
export function toneOfVerdict({ verdict, reason }) {
  return reason === "OK_THEN" ? "late" : TONES[verdict];
}

function subjectOf(report, words) {
  return h("p", { class: "verdict-subject" }, h("span", { lang: "zh-CN" }, report.subject_name),
    h("span", { class: "code" }, report.subject_code),
    h("span", { class: "verdict-period" }, `${t("period")} ${periodOf(report)}`),
    h("span", { class: "verdict-conclusion" }, words));
}

function noticeOf({ code, message, next_step: next }) {
  return h("div", { class: "notice", "data-notice": code }, icon(code, "notice-icon"),
    h("p", {}, h("strong", {}, message), " ", next));
}

// When and where it was checked, with which lists, and what the log says: a verdict never stands without its moment.
function basisOf(outcome) {
  const { recordedAt, lists, entry } = outcome;
  const checked = [t("checked-at"), " ", h("time", { datetime: recordedAt }, moment(recordedAt)), " · ",
    t(whereOf(outcome))];
  return [
    checked,
    ...(lists === null ? [] : [listsOf(lists, recordedAt)]),
    ...(entry.report === null ? [] : [logOf(outcome), ...(entry.log?.changes ?? []).map(changeOf)]),
  ];
}

function whereOf({ where, asked, token }) {
  if (where === "server") return token === null ? "by-server" : "by-both";
  if (asked.kind === "file") return "by-both";
  return asked.kind === "typed" || asked.sent ? "in-browser-sent" : "in-browser";
}

function listsOf({ fetched, summary }, recordedAt) {
  const status = summary.status_list_issued_at;
  if (status === null) return t("lists-none");
  const age = ago(Date.parse(recordedAt) - Date.parse(status));
  return t(fetched ? "lists-fresh" : "lists-kept", { when: moment(status), ago: age });
}

export function logOf({ entry, logAsked }) {
  const { log } = entry;
  if (log === null) return t(logAsked ? "log-nothing" : "log-not-asked");
  const registered = t("log-registered", { when: moment(log.logged_at), index: log.index, size: log.tree_size });
  const witnesses = log.witnesses.length > 0 ? [t("log-witnesses", { names: log.witnesses.join(", ") })] : [];
  return [registered, ...witnesses].join(current() === "zh" ? "，" : ", ");
}

function changeOf({ status, at }) {
  return t("log-change", { when: moment(at), status: t(`status-${status}`) });
}

// ---- what was altered ----

function differencesOf(differences) {
  const names = [t("where"), t("issued"), t("found")];
  const row = ({ where, issued, found }) => h("tr", {},
    h("th", { scope: "row", "data-name": names[0] }, where),
    h("td", { class: "issued", "data-name": names[1] }, issued || t("not-issued")),
    h("td", { class: "found", "data-name": names[2] }, found || t("deleted")));
  return h("section", { class: "card", "aria-labelledby": "differences" },
    h("h2", { id: "differences" }, t("differences"), " ",
      h("span", { class: "count" }, t("places", { n: differences.length }))),
    framed({ "aria-labelledby": "differences" }, h("table", { class: "stack differences" },
      h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, differences.map(row)))));
}

function framed(attributes, table) {
  return h("div", { class: "table-frame", tabindex: 0, role: "group", ...attributes }, table);
}

// ---- what to compare ----

// The signed facts in the order in which the report's first page prints them, whose it is first.
export function rowsOf(report) {
  const { domains, domains_without_data: gaps } = report;
  return [
    { name: t("subject-name"), value: report.subject_name, large: true },
    { name: t("subject-code"), value: report.subject_code, large: true, code: true },
    { name: t("number"), value: report.number, code: true },
    { name: t("period"), value: periodOf(report) },
    { name: t("issued-at"), value: moment(report.issued_at) },
    { name: t("valid-until"), value: endOfDay(report.valid_until) },
    { name: t("domains"), value: t(gaps > 0 ? "domains-gaps" : "domains-value", { n: domains, gaps }) },
    { name: t("records"), value: t("records-value", { n: report.records }) },
  ];
}

function periodOf(report) {
  return t("period-value", { from: day(report.period_from), to: day(report.period_to) });
}

function compareOf(report) {
  const item = ({ name, value, large, code }) => h("li", { class: large ? "large" : null }, h("label", {},
    h("input", { type: "checkbox", autocomplete: "off" }), h("span", { class: "compare-name" }, name),
    h("span", { class: `compare-value${code ? " code" : ""}` }, value)));
  return h("section", { class: "card", "aria-labelledby": "compare" },
    h("h2", { id: "compare" }, t("compare")), h("p", { class: "soft" }, t("compare-note")),
    h("ul", { class: "compare" }, rowsOf(report).map(item)),
    h("p", { class: `conclusion${report.records > 0 ? " has-records" : ""}` },
      h("span", { class: "compare-name" }, t("conclusion")), conclusion(current(), report)));
}

// ---- what was issued ----

function contentOf({ sections }) {
  if (sections === null) return h("p", { class: "card soft" }, t("content-none"));
  return h("section", { class: "card issued-content", "aria-labelledby": "content" },
    h("h2", { id: "content" }, t("content")), h("p", { class: "soft" }, t("content-note")),
    summaryOf(sections), h("div", { lang: "zh-CN" }, sections.map(sectionOf)));
}

function summaryOf(sections) {
  const domains = domainsOf(sections);
  if (domains === null) return null;
  const count = (tone) => domains.results.filter(({ result }) => toneOf(result) === tone).length;
  const worded = (tone, key) => h("span", { class: `badge ${tone}` }, t(key, { n: count(tone) }));
  const badge = (tone, key) => (count(tone) === 0 ? null : worded(tone, key));
  return h("p", { class: "results-summary" }, h("strong", {}, t("results-title", { n: domains.results.length })), " ",
    badge("bad", "results-found"), badge("unsure", "results-gaps"), badge("good", "results-clean"));
}

function sectionOf({ title, blocks }) {
  const rows = Math.max(0, ...blocks.filter((block) => block.header?.length > 0).map((block) => block.rows.length));
  const open = blocks.some((block) => block.header?.includes("查询结果"));
  const note = rows > 0 ? [" ", h("span", { class: "count" }, t("items", { n: rows }))] : [];
  return h("details", { open }, h("summary", {}, title, note), blocks.map((block) => blockOf(block, title)));
}

function blockOf(block, title) {
  if (block.text !== undefined) return h("p", {}, block.text);
  if (block.title !== undefined) return h("h3", {}, block.title);
  return block.header.length > 0 ? gridOf(block, title) : pairsOf(block);
}

function gridOf({ header, rows }, title) {
  const domains = header.includes("查询结果");
  const badge = (text) => h("span", { class: `badge ${toneOf(text)}` }, text);
  const cell = (column, text) => (column === "查询结果" && text !== "" ? badge(text) : text);
  return framed({ "aria-label": title }, h("table", { class: `stack${domains ? " domains" : ""}` },
    h("thead", {}, h("tr", {}, header.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((text, at) =>
      h("td", { "data-name": header[at] ?? "" }, cell(header[at], text))))))));
}

function pairsOf({ rows }) {
  return h("div", { class: "table-frame" }, h("table", { class: "pairs" }, h("tbody", {},
    rows.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value))))));
}
