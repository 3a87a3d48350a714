// The verification page: what is asked, what is shown, and how long a verdict may stand.
//
// 1. A scanned link (/v#digits, or /v/digits) is checked as soon as the page is there, in this browser.
// 2. Otherwise the page waits for what intake.js takes in.
// 3. A verdict carries the moment of its check. After FRESH_MS, when the report's validity ends, or when the page comes
//    back from wherever the browser kept it, it is made anew; where that would need the server again, it is struck out
//    and a button offers it.
// 4. A file that the server was sent without this program (a form sent before it ran) has the server's verdict, which
//    stays as served, and for no longer: of the code alone less would be known.

import { check } from "./checking.js";
import { $, h } from "./dom.js";
import { takeIn } from "./intake.js";
import { recordCard } from "./keeping.js";
import { forgetLists, NoLists } from "./lists.js";
import { NotServed, servedIn } from "./server.js";
import { headline, shown } from "./showing.js";
import { current, switchLanguage, t, translate } from "./words.js";

const FRESH_MS = 10 * 60 * 1000;
const PROBLEMS = Object.freeze({ 0: "no-connection", 408: "too-slow", 413: "too-large", 429: "too-many", 503: "busy" });
const PROGRAM = `chenghe page ${new URL(import.meta.url).pathname.split("/").at(-3)}`;

// What is on the page: the newest asking, its outcome once there is one, its record once there is one, and whether the
// verdict still stands. `run` numbers the askings: an answer to an older one is dropped. What was ticked stays ticked while
// the same outcome is drawn again (in the other language, with its record).
const state = { run: 0, asked: null, outcome: null, drawn: null, made: null, outdated: false, said: null };

// ---- asking ----

async function ask(asked) {
  const run = ++state.run;
  const at = asked.at === undefined ? whenAsked() : asked.at;
  Object.assign(state, { asked: { ...asked, at }, outcome: null, made: null, outdated: false });
  say(asked.kind === "file" ? "comparing" : "checking");
  draw();
  try {
    const outcome = await check(state.asked);
    if (run !== state.run) return;
    state.outcome = outcome;
    state.said = null;
    setTimeout(() => run === state.run && standsNoLonger(), standsFor(outcome));
    draw();
    attend();
  } catch (error) {
    if (run !== state.run) return;
    const key = problemOf(error);
    const again = state.asked;
    Object.assign(state, { asked: null, outcome: null });
    say(key, { key: "check-again", act: () => ask(again) });
    if (key === "not-served" && !(error instanceof NotServed)) throw error;
  }
}

function problemOf(error) {
  if (error instanceof NoLists) return "no-lists";
  return error instanceof NotServed ? PROBLEMS[error.status] ?? "not-served" : "not-served";
}

// The moment typed on the start page, Beijing time, or null.
function whenAsked() {
  return momentIn($("when"));
}

function momentIn(input) {
  return input === null || input.value === "" ? null : new Date(`${input.value.slice(0, 16)}:00+08:00`);
}

// ---- standing ----

// How long from its check. One on a report that is over already changes no more than others.
function standsFor({ entry, recordedAt }) {
  const left = entry.report === null ? 0 : Date.parse(entry.report.valid_until) + 1000 - Date.parse(recordedAt);
  return left > 0 ? Math.min(left, FRESH_MS) : FRESH_MS;
}

function standsNoLonger() {
  if (state.outcome === null) return;
  if (state.asked.kind === "code") ask({ ...state.asked });
  else {
    state.outdated = true;
    draw();
  }
}

// Back from the browser's memory: nothing that stood there counts.
function returned(event) {
  if (!event.persisted) return;
  servedNoLonger();
  standsNoLonger();
}

function servedNoLonger() {
  if (state.run === 0 && $("served") !== null) location.replace("/v");
}

function seenAgain() {
  if (document.visibilityState !== "visible" || state.outcome === null || state.outdated) return;
  if (Date.now() - Date.parse(state.outcome.recordedAt) > standsFor(state.outcome)) standsNoLonger();
}

// ---- showing ----

// Something else was given that cannot be verified (yet): what stood here before is not about it. Gives a function that
// says whether it is still the newest thing given.
function putAway(key, action = null) {
  const run = ++state.run;
  Object.assign(state, { asked: null, outcome: null, made: null });
  say(key, action);
  return () => run === state.run;
}

function say(key, action = null) {
  state.said = key === null ? null : { key, action };
  draw();
}

function draw() {
  if (state.run === 0) return;
  const busy = state.asked !== null && state.outcome === null;
  const { outcome } = state;
  const start = $("start") ?? $("served");
  if (start !== null) start.hidden = busy || outcome !== null;
  drawProgress();
  const result = $("result");
  result.hidden = outcome === null;
  const ticked = [...result.querySelectorAll(".compare input")].map((box) => box.checked);
  result.replaceChildren(...(outcome === null ? [] : state.outdated ? outdated() : standing(outcome)));
  if (outcome === state.drawn) result.querySelectorAll(".compare input").forEach((box, at) => { box.checked = ticked[at]; });
  state.drawn = outcome;
  document.body.dataset.page = outcome === null ? "start" : "result";
  document.title = outcome === null || state.outdated ? t("brand") : `${headline(outcome)} · ${t("brand")}`;
}

function drawProgress() {
  const { said } = state;
  const progress = $("progress");
  const action = said?.action;
  const button = action ? h("button", { type: "button", class: "quiet", onclick: action.act }, t(action.key)) : null;
  progress.replaceChildren(...(said === null ? [] : [h("span", {}, t(said.key)), button].filter(Boolean)));
  if (said !== null) progress.scrollIntoView({ block: "nearest" });
}

function standing(outcome) {
  const [verdict, differences, ...rest] = shown(outcome);
  const onMade = (made) => {
    state.made = made;
    draw();
    document.querySelector(".record-ready").focus();
  };
  const record = recordCard(outcome, state.made, PROGRAM, onMade);
  return [verdict, differences, otherDay(outcome), ...rest, record, foot(outcome)].filter((part) => part !== null);
}

function outdated() {
  const again = h("button", { type: "button", onclick: () => ask({ ...state.asked }) }, t("check-again"));
  return [h("section", { class: "verdict unsure outdated", role: "status" }, h("h1", { tabindex: -1 }, t("outdated")),
    h("p", { class: "verdict-message" }, t("outdated-note")), h("div", { class: "buttons" }, again)),
  h("p", { class: "again no-print" }, h("a", { class: "button quiet", href: "/v" }, t("another")))];
}

function otherDay({ entry, asked }) {
  if (entry.report === null) return null;
  const input = h("input", { type: "datetime-local", name: "when", step: 60, required: true });
  const submitted = (event) => {
    event.preventDefault();
    ask({ ...state.asked, at: momentIn(input) });
  };
  const now = h("button", { type: "button", onclick: () => ask({ ...state.asked, at: null }) }, t("other-day-now"));
  const form = h("form", { onsubmit: submitted },
    h("label", { class: "field" }, h("span", { class: "name" }, t("other-day-label")), input),
    h("div", { class: "buttons" }, h("button", { type: "submit", class: "quiet" }, t("other-day-ask")),
      asked.at === null ? null : now));
  return h("details", { class: "card other-day no-print" }, h("summary", {}, t("other-day")), form);
}

function foot({ entry }) {
  const forget = h("details", { class: "soft" }, h("summary", {}, t("forget-lists")), h("p", {}, t("forget-note")),
    h("button", { type: "button", class: "quiet", onclick: async () => {
      await forgetLists();
      say("lists-forgotten", { key: "check-again", act: () => ask({ ...state.asked }) });
    } }, t("forget-lists")));
  return h("div", { class: "again no-print" }, h("a", { class: "button quiet", href: "/v" }, t("another")),
    entry.reason === "TRUST_UNUSABLE" ? forget : null);
}

// The verdict gets the focus, so that it is read out and nothing above it is.
function attend() {
  document.querySelector("#result h1").focus({ preventScroll: true });
  scrollTo({ top: 0, behavior: "instant" });
}

// ---- language ----

function language() {
  const button = $("language");
  button.hidden = false;
  const show = () => {
    translate();
    button.textContent = t("language");
    button.lang = current() === "en" ? "zh-CN" : "en";
  };
  button.addEventListener("click", () => {
    switchLanguage();
    show();
    draw();
  });
  show();
}

// ---- offline ----

async function keepOffline() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/v/worker.js", { scope: "/v" });
    const { active } = await navigator.serviceWorker.ready;
    $("offline").dataset.t = "offline-ready";
    $("offline").textContent = t("offline-ready");
    $("offline").hidden = false;
    if (!navigator.connection?.saveData) active.postMessage("keep the reader");
  } catch {
    // Without it the page works as long as there is a network.
  }
}

// ---- start ----

function scanned() {
  const hash = location.hash.slice(1);
  const path = /^\/v\/([^/]+)$/.exec(location.pathname);
  if (hash !== "" && hash !== "main") return hash;
  return path === null ? null : path[1];
}

function route() {
  const text = scanned();
  if (text !== null) ask({ kind: "code", text, name: null, sha256: null, at: null });
}

function begin() {
  document.documentElement.dataset.program = "runs"; // or plain.js would take over
  const served = document.querySelector("#served .verdict");
  language();
  takeIn({ ask, say: putAway });
  if ($("scanning") !== null) $("scanning").hidden = false;
  addEventListener("pageshow", returned);
  addEventListener("hashchange", route);
  document.addEventListener("visibilitychange", seenAgain);
  if (served === null) route();
  else if ("compared" in $("served").dataset) setTimeout(servedNoLonger, FRESH_MS);
  else ask({ kind: "code", text: servedIn(served).token ?? scanned() ?? "", name: null, sha256: null, at: null, sent: true });
  keepOffline();
}

begin();
