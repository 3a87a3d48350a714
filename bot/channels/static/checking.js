"use strict";
// A report or a photo chosen, dropped or pasted is sent at once, and the card the server made is shown.

(function () {
  const form = document.getElementById("check");
  if (!form) return;
  const chosen = document.getElementById("check-file");
  const conversation = document.getElementById("conversation");
  const composer = document.getElementById("ask");
  document.documentElement.classList.add("scripted");

  function element(kind, name, text) {
    const made = document.createElement(kind);
    made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function waiting(file) {
    const place = element("div", "exchange waiting");
    place.setAttribute("aria-busy", "true");
    place.append(element("p", "asked", file.name), element("p", "progress", "正在核验，照片和 PDF 要几秒钟…"));
    conversation.append(place);
    place.scrollIntoView({ block: "nearest" });
    return place;
  }

  async function check(file) {
    const intro = document.querySelector(".intro");
    if (intro) intro.hidden = true;
    const body = new FormData();
    for (const kept of form.querySelectorAll("input[type=hidden]")) body.set(kept.name, kept.value);
    body.set("context", "[]"); // the conversation is on the page
    body.set("file", file, file.name);
    const place = waiting(file);
    try {
      const answer = await fetch("/check", { method: "POST", body, cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const card = page.querySelector("article.exchange");
      if (card) {
        place.replaceWith(document.adoptNode(card));
        const waits = page.querySelector("#ask [name=pending]").value;
        for (const one of document.querySelectorAll("#ask [name=pending], #check [name=pending]")) one.value = waits;
        card.scrollIntoView({ block: "start" });
        return;
      }
      const words = page.querySelector("[role=alert]");
      trouble(place, file, words ? words.textContent.trim() : "服务没有接受这个文件。");
    } catch {
      trouble(place, file, "没有连上服务，文件没有送到。请检查网络后重试。");
    }
  }

  function trouble(place, file, words) {
    const notice = element("div", "trouble");
    notice.setAttribute("role", "alert");
    const again = element("button", "quiet", "重试");
    again.type = "button";
    again.addEventListener("click", function () {
      place.remove();
      check(file);
    });
    notice.append(element("p", "", words), again);
    place.querySelector(".progress").replaceWith(notice);
    place.classList.remove("waiting");
    place.removeAttribute("aria-busy");
  }

  function first(files) {
    return files && files.length ? files[0] : null;
  }

  chosen.addEventListener("change", function () {
    const file = first(chosen.files);
    chosen.value = "";
    if (file) check(file);
  });
  composer.addEventListener("paste", function (event) {
    const file = first(event.clipboardData && event.clipboardData.files);
    if (!file) return;
    event.preventDefault();
    check(file);
  });
  document.addEventListener("dragover", function (event) {
    if (!event.dataTransfer || !Array.from(event.dataTransfer.types).includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  for (const over of ["dragleave", "drop"]) {
    document.addEventListener(over, function () { document.body.classList.remove("dropping"); });
  }
  document.addEventListener("drop", function (event) {
    const file = first(event.dataTransfer && event.dataTransfer.files);
    if (!file) return;
    event.preventDefault();
    check(file);
  });
})();
