"use strict";
// A citation opens its source beside the conversation, or over it as a sheet where there is no room beside it.

(function () {
  const workspace = document.querySelector(".workspace");
  if (!workspace) return;
  const panel = document.getElementById("panel");
  const panelBody = document.getElementById("panel-body");
  const shade = document.getElementById("shade");
  const beside = window.matchMedia("(min-width: 56.25rem)");
  const behind = [document.querySelector(".talk"), document.querySelector("header.site"), document.querySelector(".skip")];
  let cameFrom = null;

  async function read(link) {
    const answer = await fetch(link.href, { cache: "no-store" });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    const source = found.getElementById("source");
    if (!source) return window.location.assign(link.href);
    cameFrom = link;
    document.getElementById("panel-link").href = link.href;
    document.getElementById("panel-title").textContent = source.querySelector("h1").textContent;
    document.getElementById("panel-state").replaceChildren(...source.querySelector(".state").cloneNode(true).childNodes);
    panelBody.replaceChildren(document.adoptNode(source));
    panel.hidden = false;
    workspace.classList.add("reading");
    arrange();
    panelBody.focus({ preventScroll: true });
    const quote = document.getElementById("quote");
    if (quote) quote.scrollIntoView({ block: "center", behavior: "instant" });
    for (const other of document.querySelectorAll("[aria-current=true]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
  }

  // A sheet covers what is behind it: nobody can get there by keyboard or reader until it is closed.
  function arrange() {
    const covers = !panel.hidden && !beside.matches;
    for (const part of behind) if (part) part.inert = covers;
    shade.hidden = !covers;
    document.body.classList.toggle("covered", covers);
    if (covers) panel.setAttribute("aria-modal", "true");
    else panel.removeAttribute("aria-modal");
    panel.setAttribute("role", covers ? "dialog" : "complementary");
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    workspace.classList.remove("reading");
    panelBody.replaceChildren();
    arrange();
    if (!cameFrom) return;
    cameFrom.removeAttribute("aria-current");
    cameFrom.focus();
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a.to-source");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // One entry of history while the panel is open, so that the phone's back button closes it.
    if (panel.hidden) window.history.pushState({ reading: true }, "");
    read(link).catch(function () { window.location.assign(link.href); });
  });

  for (const closing of [document.getElementById("panel-close"), shade]) {
    closing.addEventListener("click", function () { window.history.back(); });
  }
  window.addEventListener("popstate", close);
  beside.addEventListener("change", arrange);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && !panel.hidden) window.history.back();
  });
})();
