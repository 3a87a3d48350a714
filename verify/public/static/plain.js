"use strict";
// For browsers in which the page's own program (page/page.js) does not run, for whatever reason: the server checks.
// What follows "#" in a scanned link is sent in the body of a POST, so that it stands in no address and no log.

(function () {
  const TOO_LONG = 2000;
  function scannedDigits() {
    const text = window.location.hash.slice(1);
    return text.length > 0 && text !== "main" ? text.slice(0, TOO_LONG) : "";
  }

  function say(text) {
    const place = document.getElementById("progress");
    if (place) place.textContent = text;
  }

  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    // Some networks answer with a page of their own: that is no verdict.
    if (!page.querySelector("#main .verdict, #main [role=alert]")) throw new Error("not our page");
    document.title = page.title;
    document.body.dataset.page = page.body.dataset.page || "";
    document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
    const heading = document.querySelector("main h1");
    heading.setAttribute("tabindex", "-1");
    heading.focus();
    window.scrollTo(0, 0);
  }

  async function check(token) {
    const ways = document.getElementById("start");
    if (ways) ways.hidden = true;
    say("正在核验…");
    try {
      const answer = await fetch("/v", { method: "POST", body: new URLSearchParams({ token }), cache: "no-store" });
      show(await answer.text());
    } catch (problem) {
      if (ways) ways.hidden = false;
      say("没有连上核验服务，还不能确认报告真伪。请检查网络后刷新本页。");
    }
  }

  function look() {
    const token = scannedDigits();
    if (token) check(token);
  }

  function start() {
    // A form that is being sent says so, and is not sent twice.
    document.addEventListener("submit", function (event) {
      const button = event.target.querySelector("button");
      if (!button) return;
      button.textContent = "正在核验…";
      window.setTimeout(function () { button.disabled = true; }, 0);
    });
    // Back from the result: the browser may show the page as it was left.
    window.addEventListener("pageshow", function (event) {
      if (event.persisted) window.location.reload();
    });
    window.addEventListener("hashchange", look);
    look();
  }

  // Modules have run by now, unless the browser knows none, one did not arrive, or it cannot run one.
  window.addEventListener("load", function () {
    if (document.documentElement.dataset.program !== "runs") start();
  });
})();
