// gongkai public pages: reading aloud and filters that send themselves. The pages work without it.
"use strict";

(() => {
  const main = document.getElementById("main");

  // ----- read aloud, sentence by sentence, so that long pages can be stopped at once -----
  const bar = document.querySelector("[data-read-aloud]");
  if (bar && main && "speechSynthesis" in window) {
    const button = bar.querySelector("button");
    const label = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    let reading = false;
    const show = () => {
      if (label) label.textContent = ` ${reading ? button.dataset.stop : button.dataset.start}`;
      button.setAttribute("aria-pressed", String(reading));
    };
    const sentences = () => {
      const source = main.querySelector("article") || main;
      const copy = source.cloneNode(true);
      for (const part of copy.querySelectorAll("nav, form, svg, script, .vh, [data-read-aloud], [aria-hidden=true]")) part.remove();
      const text = [...copy.querySelectorAll("h1, h2, h3, p, li, dt, dd, th, td")]
        .filter((part) => !part.querySelector("p, li"))
        .map((part) => part.textContent.replace(/\s+/g, " ").trim())
        .join("。");
      return text.match(/[^。！？；]+[。！？；]?/g) || [];
    };
    const stop = () => {
      reading = false;
      window.speechSynthesis.cancel();
      show();
    };
    const start = () => {
      const queue = sentences();
      reading = true;
      show();
      const next = () => {
        const words = queue.shift();
        if (!reading || !words) return stop();
        const speech = new SpeechSynthesisUtterance(words);
        speech.lang = "zh-CN";
        speech.rate = 0.9;
        speech.onend = next;
        speech.onerror = stop;
        window.speechSynthesis.speak(speech);
      };
      next();
    };
    bar.hidden = false;
    button.addEventListener("click", () => (reading ? stop() : start()));
    window.addEventListener("pagehide", () => window.speechSynthesis.cancel());
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form?.requestSubmit();
  });
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();
})();
