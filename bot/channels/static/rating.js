"use strict";
// 有用 and 没用 under an answer: the same form, sent in the background.

(function () {
  async function rate(asked, button) {
    const rating = asked.closest(".rating");
    const noted = asked.matches(".rating-note");
    const body = new URLSearchParams(new FormData(asked));
    body.set(button.name, button.value);
    try {
      const answer = await fetch("/feedback", { method: "POST", body, cache: "no-store" });
      const answered = new DOMParser().parseFromString(await answer.text(), "text/html");
      const rated = answered.querySelector(".rating");
      if (!rated) throw new Error("not taken");
      for (const kept of rated.querySelectorAll("[name=context], [name=pending]")) kept.remove();
      if (noted) rated.querySelector(".rating-ask").textContent = "说明已记下，谢谢！可以改选。";
      rating.replaceWith(document.adoptNode(rated));
      rated.querySelector("[aria-pressed=true]").focus({ preventScroll: true });
      rated.scrollIntoView({ block: "nearest" });
    } catch (problem) {
      rating.querySelector(".rating-ask").textContent = "评价没有记下，请稍后再试。";
    }
  }

  document.addEventListener("submit", function (event) {
    if (!event.target.closest(".rating") || !event.submitter) return;
    event.preventDefault();
    rate(event.target, event.submitter);
  });
})();
