// The batch page: files in, a table that fills while the service works, and the files to keep.
//
// * Rows are drawn as they come; the whole at the end adds what only the whole shows: duplicates, bidders without a report.
// * Until the end was told, the page says that it is not everything.
// * Drawing again takes the keyboard's focus and the place scrolled to from nobody (renewing.js).
// * Nothing is kept between two batches, and nothing when the page is left.

import { $, h } from "../page/dom.js";
import { chosenIn, dropped } from "./choosing.js";
import { renew } from "./renewing.js";
import { CutShort, NotTaken, send } from "./sending.js";
import { strikes, tableOf } from "./table.js";
import { current, moment, switchLanguage, t, translate } from "./words.js";

const MB = 1024 * 1024;
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const DRAW_EVERY_MS = 150;
// What the service refuses, in English; in Chinese its own sentence says more.
const REFUSALS = Object.freeze({
  TOO_SLOW: "too-slow", TOO_LARGE: "too-much", TOO_MANY_FILES: "too-much", TOO_MANY_REQUESTS: "too-many", BUSY: "busy",
  BIDDERS_UNREADABLE: "bidders-unreadable", BIDDERS_NOT_FOUND: "bidders-unreadable",
});

const state = {
  files: [], rows: [], end: null, done: 0, total: 0, said: null, problem: null, running: null, drawing: null,
  view: { by: "verdict", down: false, striking: false, then: false },
};

// ---- choosing ----

function add(files) {
  const known = new Set(state.files.map(({ path, file }) => `${path}\0${file.size}`));
  state.files.push(...files.filter(({ path, file }) => !known.has(`${path}\0${file.size}`)));
  problem(null);
  draw();
}

function clear() {
  state.files = [];
  for (const id of ["files", "folder", "bidders"]) $(id).value = "";
  draw();
  $("files").focus();
}

function bytesChosen() {
  return state.files.reduce((sum, { file }) => sum + file.size, 0);
}

function limits() {
  const { mb, files } = $("ask").dataset;
  return { mb: Number(mb), files: Number(files) };
}

// ---- asking ----

async function ask(event) {
  event.preventDefault();
  if (state.running !== null) return undefined;
  const { mb, files } = limits();
  if (state.files.length === 0) return problem({ key: "no-files" });
  if (bytesChosen() > mb * MB || state.files.length > files) return problem({ key: "too-much", values: { mb, files } });
  state.running = new AbortController();
  Object.assign(state, { rows: [], end: null, done: 0, total: 0, said: { key: "sending", values: { n: state.files.length } } });
  problem(null);
  draw();
  const asked = { files: state.files, bidders: $("bidders").files[0] ?? null, at: $("when").value };
  state.view.then = asked.at !== "";
  try {
    await send(asked, told, state.running.signal);
    state.said = finished();
    draw();
    reveal();
  } catch (error) {
    failed(error);
  } finally {
    state.running = null;
    draw();
  }
  return undefined;
}

// Not for somebody who is there already.
function reveal() {
  const title = $("results-title");
  const there = $("results").contains(document.activeElement) || title?.getBoundingClientRect().top < innerHeight / 2;
  if (!there) title?.scrollIntoView({ block: "start" });
}

function told(line) {
  if (line.type === "start") state.total = line.files;
  if (line.type === "row") {
    state.rows.push(line.row);
    state.done = line.done;
  }
  if (line.type === "end") {
    state.end = line;
    for (const row of state.rows) row.marks = line.marks[row.row] ?? [];
  } else {
    state.said = { key: "working", values: { done: state.done, total: state.total } };
  }
  drawSoon();
}

function finished() {
  const { rows, striking } = state.end.counts;
  return { key: striking === 0 ? "all-good" : "finished", values: { rows, striking } };
}

function failed(error) {
  state.said = null;
  if (error instanceof NotTaken) problem({ refusal: error });
  else if (error.name === "AbortError") problem({ key: "stopped" });
  else if (error instanceof CutShort) problem({ key: "broken" });
  else if (error instanceof TypeError) problem({ key: state.rows.length > 0 ? "broken" : "no-connection" });
  else throw error;
}

function problem(said) {
  state.problem = said;
  const place = $("problem");
  place.hidden = said === null;
  place.textContent = said === null ? "" : said.refusal === undefined ? t(said.key, said.values) : refusalWords(said.refusal);
}

function refusalWords({ code, message, next }) {
  return current() === "en" ? t(REFUSALS[code] ?? "not-served", limits()) : `${message}${next}`;
}

// ---- showing ----

function drawSoon() {
  state.drawing ??= setTimeout(draw, DRAW_EVERY_MS);
}

function draw() {
  clearTimeout(state.drawing);
  state.drawing = null;
  drawChosen();
  const running = state.running !== null;
  $("send").setAttribute("aria-disabled", running); // a button that is disabled loses the focus
  if (!running && document.activeElement === $("stop")) $("send").focus();
  $("stop").hidden = !running;
  $("progress").hidden = !running && state.said === null;
  $("progress-words").textContent = state.said === null ? "" : t(state.said.key, state.said.values);
  const bar = $("bar");
  bar.hidden = !running;
  if (state.total > 0) bar.value = state.done / state.total;
  else bar.removeAttribute("value");
  $("results").hidden = state.rows.length === 0;
  renew($("results"), state.rows.length === 0 ? [] : results());
}

function drawChosen() {
  const place = $("chosen");
  place.hidden = state.files.length === 0;
  const mb = Math.max(0.1, bytesChosen() / MB).toFixed(1);
  const words = t("chosen", { n: state.files.length, mb });
  const clearing = h("button", { type: "button", class: "quiet small", id: "clear", onclick: clear }, t("clear"));
  renew(place, [document.createTextNode(`${words} `), clearing]);
  $("files").required = state.files.length === 0;
}

function results() {
  const issuer = document.querySelector(".brand-office")?.textContent ?? "";
  return [
    h("h2", { id: "results-title" }, t("results")),
    moments(), counts(), controls(), state.end === null ? null : bidders(),
    tableOf(state.rows, state.view, sortBy, issuer),
  ].filter((part) => part !== null);
}

function moments() {
  if (state.end === null) return null;
  const asked = state.end.checked_at === state.end.now ? "" : ` · ${t("asked-moment", { at: moment(state.end.checked_at) })}`;
  return h("p", { class: "soft" }, t("checked-moment", { now: moment(state.end.now) }) + asked);
}

function counts() {
  const striking = state.rows.filter(strikes).length;
  return h("ul", { class: "counts" },
    h("li", { class: "count-good" }, h("b", {}, String(state.rows.length - striking)), current() === "en" ? " passed" : " 份通过"),
    h("li", { class: striking > 0 ? "count-bad" : "" }, h("b", {}, String(striking)), current() === "en" ? " need attention" : " 份需要处理"));
}

function controls() {
  const only = h("input", { type: "checkbox", id: "only", onchange: (event) => {
    state.view.striking = event.target.checked;
    draw();
  } });
  only.checked = state.view.striking;
  const files = state.end === null ? [] : [
    h("button", { type: "button", id: "xlsx", onclick: () => save("xlsx", XLSX) }, t("download-xlsx")),
    h("button", { type: "button", class: "quiet", id: "csv", onclick: () => save("csv", "text/csv;charset=utf-8") }, t("download-csv")),
    h("button", { type: "button", class: "quiet", id: "print", onclick: () => print() }, t("print")),
  ];
  return h("div", { class: "buttons no-print" }, h("label", { class: "only" }, only, " ", t("only-striking")), files);
}

function bidders() {
  const listed = state.end.bidders;
  if (listed.length === 0) return null;
  const lacking = listed.filter(({ state: how }) => how !== "VALID_REPORT");
  const title = h("h3", {}, t("bidders"));
  if (lacking.length === 0) return h("section", {}, title, h("p", {}, t("bidders-good", { n: listed.length })));
  return h("section", { id: "lacking" }, title, h("p", {}, t("bidders-lacking", { n: lacking.length })),
    h("ul", {}, lacking.map((each) => h("li", { "data-state": each.state },
      h("span", { lang: "zh-CN" }, `${each.name} ${each.code}`.trim()), ` — ${t(each.state, { rows: each.rows.join(", ") })}`,
      each.code === "" || each.code_sound ? null : ` — ${t("code-not-sound")}`))));
}

function sortBy(name) {
  const { view } = state;
  Object.assign(view, { by: name, down: view.by === name && !view.down });
  draw();
}

function save(kind, type) {
  const bytes = Uint8Array.from(atob(state.end.files[kind]), (character) => character.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  h("a", { href: address, download: `${state.end.name}.${kind}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// ---- start ----

function language() {
  const button = $("language");
  button.hidden = false;
  const show = () => {
    translate();
    document.title = t("batch-title");
    button.textContent = t("language");
    button.lang = current() === "en" ? "zh-CN" : "en";
  };
  button.addEventListener("click", () => {
    switchLanguage();
    show();
    problem(state.problem);
    draw();
  });
  show();
}

function dropping() {
  const over = (on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && over(false));
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    over(false);
    const { files, list } = await dropped(event.dataTransfer);
    if (list !== null) takeList(list);
    add(files);
  });
}

function takeList(file) {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  $("bidders").files = transfer.files;
}

function begin() {
  language();
  dropping();
  $("drop-note").hidden = false;
  $("folder-label").hidden = !("webkitdirectory" in $("folder"));
  for (const id of ["files", "folder"]) $(id).addEventListener("change", () => add(chosenIn($(id))));
  $("ask").addEventListener("submit", ask);
  $("stop").addEventListener("click", () => state.running?.abort());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  draw();
}

begin();
