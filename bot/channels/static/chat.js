"use strict";
// Without this script every question is an ordinary form post. With it the same post is sent in the background, and the
// pieces of the exchange, made by the same templates, are shown as they come.

(function () {
  const form = document.getElementById("ask");
  if (!form) return;
  const conversation = document.getElementById("conversation");
  const question = document.getElementById("question");
  const day = form.elements.as_of;
  const today = document.getElementById("today");
  const offline = document.getElementById("offline");
  const SILENT_SECONDS = 30;
  const LONG_SECONDS = 4;

  function element(kind, name, text) {
    const made = document.createElement(kind);
    made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function nodes(markup) {
    const parsed = new DOMParser().parseFromString(markup, "text/html").body;
    return Array.from(parsed.childNodes).map(function (node) { return document.adoptNode(node); });
  }

  function waiting(text) {
    const place = element("div", "exchange waiting");
    place.setAttribute("aria-busy", "true");
    place.append(element("p", "asked", text), element("p", "progress", "正在送出…"));
    conversation.append(place);
    place.scrollIntoView({ block: "nearest" });
    return place;
  }

  // Each event of the stream, as the standard cuts them; whoever sends nothing for long has gone.
  async function events(answer, stop, take) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const silence = window.setTimeout(stop, SILENT_SECONDS * 1000);
      const { done, value } = await reader.read();
      window.clearTimeout(silence);
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const said = /^event: (\w+)\ndata: ([^\n]*)$/.exec(block);
        if (said) take(said[1], JSON.parse(said[2]));
      }
    }
  }

  // What the next message brings along, in every form that may send one.
  function bring(kept) {
    for (const [name, value] of Object.entries(kept)) {
      for (const one of document.querySelectorAll(`#ask [name=${name}], #check [name=${name}]`)) one.value = value;
    }
  }

  // What could be chosen is over with the next message.
  function endChoices() {
    for (const choices of conversation.querySelectorAll(".choices")) {
      if (choices.contains(document.activeElement)) question.focus({ preventScroll: true });
      choices.remove();
    }
  }

  async function ask(text, again) {
    const body = again || new URLSearchParams(new FormData(form));
    body.set("question", text);
    if (!again && day.value === today.value) body.delete("as_of"); // today is what it is when it is asked
    document.querySelector(".intro").hidden = true;
    endChoices();
    const stopping = new AbortController();
    const exchange = new Exchange(waiting(text), text, body);
    form.querySelector(".send").disabled = true;
    try {
      const answer = await fetch("/", {
        method: "POST",
        body,
        cache: "no-store",
        signal: stopping.signal,
        headers: { Accept: "text/event-stream" },
      });
      if (/event-stream/.test(answer.headers.get("Content-Type"))) {
        await events(answer, function () { stopping.abort(); }, exchange.take);
      } else {
        exchange.refused(new DOMParser().parseFromString(await answer.text(), "text/html"), answer.status);
      }
    } catch {
      // The line broke: close() says what is missing.
    }
    exchange.close();
    form.querySelector(".send").disabled = !navigator.onLine;
    if (exchange.whole && question.value.trim() === text) question.value = "";
  }

  // One question on the page: waiting, then the article that grows, or what went wrong and a way to try again.
  function Exchange(place, text, body) {
    const exchange = this;
    let article = place;
    let heard = false;
    let told = false;
    this.whole = false;
    const late = window.setTimeout(function () {
      if (heard && article === place) place.querySelector(".progress").textContent = "还在查找，问题较复杂，请稍候…";
    }, LONG_SECONDS * 1000);

    this.take = function (name, said) {
      if (name === "heard") {
        heard = true;
        if (said.today) newDay(said.today);
        place.querySelector(".progress").textContent = "已收到，正在查找原文…";
      } else if (name === "piece") {
        grow(said.into, nodes(said.html));
      } else if (name === "end") {
        bring(said);
        exchange.whole = true;
      } else if (name === "problem") {
        trouble(`${said.message}${said.next_step}`);
      }
    };

    function grow(into, pieces) {
      if (article === place) {
        article = pieces.find(function (node) { return node.nodeType === Node.ELEMENT_NODE; });
        article.setAttribute("aria-busy", "true");
        place.replaceWith(article);
        article.scrollIntoView({ block: "start" });
        return;
      }
      (into ? article.querySelector(into) : article).append(...pieces);
      // The conversation is on the page: only a page without script has to bring it along.
      for (const kept of article.querySelectorAll(".rating [name=context], .rating [name=pending]")) kept.remove();
    }

    function trouble(words, signIn) {
      told = true;
      const notice = element("div", "trouble");
      notice.setAttribute("role", "alert");
      notice.append(element("p", "", words));
      if (signIn) {
        const link = element("a", "button quiet", "重新登录（新窗口）");
        link.href = "/sign-in";
        link.target = "_blank";
        notice.append(link);
      }
      const again = element("button", "quiet", "重试");
      again.type = "button";
      again.addEventListener("click", function () {
        article.remove();
        ask(text, body);
      });
      notice.append(again);
      const progress = article.querySelector(".progress");
      if (progress) progress.remove();
      article.classList.remove("waiting");
      article.append(notice);
      notice.scrollIntoView({ block: "nearest" });
    }

    this.refused = function (page, status) {
      const words = page.querySelector("[role=alert]");
      trouble(words ? words.innerText.trim() : "服务没有接受这个问题，请稍后重试。", status === 401);
    };

    this.close = function () {
      window.clearTimeout(late);
      article.removeAttribute("aria-busy");
      if (exchange.whole || told) return;
      if (article !== place) trouble("回答没有传完，上面的内容不完整。请检查网络后重试。");
      else trouble(heard ? "连接中断了，没有收到回答。请检查网络后重试。" : "没有连上服务，问题没有送出。请检查网络后重试。");
    };
  }

  document.addEventListener("submit", function (event) {
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

  function sayDay() {
    today.hidden = day.value === today.value;
  }
  // A page that was left open overnight: the service says which day it is.
  function newDay(now) {
    if (day.value === today.value) day.value = now;
    today.value = now;
    sayDay();
  }
  day.addEventListener("input", sayDay);
  today.addEventListener("click", function () {
    day.value = today.value;
    sayDay();
    day.focus();
  });
  sayDay();

  function sayLine() {
    offline.hidden = navigator.onLine;
    form.querySelector(".send").disabled = !navigator.onLine;
  }
  window.addEventListener("offline", sayLine);
  window.addEventListener("online", sayLine);
  sayLine();
})();
