"use strict";
// Without this script every question is an ordinary form post. With it the same post is sent in the background, the
// exchange the server rendered is added to the conversation, and sources open beside it.

(function () {
  const form = document.getElementById("ask");
  if (!form) return;
  const conversation = document.getElementById("conversation");
  const question = document.getElementById("question");
  const workspace = document.querySelector(".workspace");
  const panel = document.getElementById("panel");
  const panelBody = document.getElementById("panel-body");
  let cameFrom = null;

  async function page(address, options) {
    const answer = await fetch(address, options);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  function line(kind, text) {
    const place = document.createElement("p");
    place.className = kind;
    place.textContent = text;
    return place;
  }

  function waiting(text) {
    const place = document.createElement("div");
    place.className = "exchange waiting";
    place.append(line("asked", text));
    conversation.append(place);
    place.scrollIntoView({ block: "nearest" });
    return place;
  }

  async function ask(text) {
    const body = new URLSearchParams(new FormData(form));
    body.set("question", text);
    document.querySelector(".intro").hidden = true;
    const place = waiting(text);
    form.querySelector("button").disabled = true;
    try {
      const answered = await page("/", { method: "POST", body, cache: "no-store" });
      const exchange = answered.querySelector(".exchange");
      const trouble = answered.querySelector("[role=alert]");
      if (exchange) form.elements.context.value = answered.querySelector("[name=context]").value;
      if (exchange) forgetContext(exchange);
      place.replaceWith(document.adoptNode(exchange || trouble));
      (exchange || trouble).scrollIntoView({ block: "start" });
      if (exchange) question.value = "";
    } catch (problem) {
      place.replaceWith(line("notice", "没有连上服务，问题没有送出。请检查网络后重试。"));
    }
    form.querySelector("button").disabled = false;
  }

  // The conversation is on the page: only a page without script has to bring it along.
  function forgetContext(place) {
    for (const kept of place.querySelectorAll(".rating [name=context]")) kept.remove();
  }

  async function rate(asked, button) {
    const rating = asked.closest(".rating");
    const noted = asked.matches(".rating-note");
    const body = new URLSearchParams(new FormData(asked));
    body.set(button.name, button.value);
    try {
      const answered = await page("/feedback", { method: "POST", body, cache: "no-store" });
      const rated = answered.querySelector(".rating");
      if (!rated) throw new Error("not taken");
      forgetContext(answered);
      if (noted) rated.querySelector(".rating-ask").textContent = "说明已记下，谢谢！可以改选。";
      rating.replaceWith(document.adoptNode(rated));
      rated.querySelector("[aria-pressed=true]").focus({ preventScroll: true });
      rated.scrollIntoView({ block: "nearest" });
    } catch (problem) {
      rating.querySelector(".rating-ask").textContent = "评价没有记下，请稍后再试。";
    }
  }

  async function read(link) {
    const found = await page(link.href, { cache: "no-store" });
    const source = found.getElementById("source");
    if (!source) return window.location.assign(link.href);
    cameFrom = link;
    document.getElementById("panel-link").href = link.href;
    panelBody.replaceChildren(document.adoptNode(source));
    panel.hidden = false;
    workspace.classList.add("reading");
    panelBody.focus({ preventScroll: true });
    const quote = document.getElementById("quote");
    if (quote) quote.scrollIntoView({ block: "center", behavior: "instant" });
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    workspace.classList.remove("reading");
    panelBody.replaceChildren();
    if (cameFrom) cameFrom.focus();
  }

  document.addEventListener("submit", function (event) {
    if (event.target.closest(".rating") && event.submitter) {
      event.preventDefault();
      rate(event.target, event.submitter);
      return;
    }
    if (event.target !== form) return;
    event.preventDefault();
    const asked = event.submitter && event.submitter.name === "ask" ? event.submitter.value : question.value;
    if (asked.trim()) ask(asked.trim());
    else question.focus();
  });

  question.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a.to-source");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // One entry of history while the panel is open, so that the phone's back button closes it.
    if (panel.hidden) window.history.pushState({ reading: true }, "");
    read(link).catch(function () { window.location.assign(link.href); });
  });

  document.getElementById("panel-close").addEventListener("click", function () { window.history.back(); });
  window.addEventListener("popstate", close);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && !panel.hidden) window.history.back();
  });
})();
