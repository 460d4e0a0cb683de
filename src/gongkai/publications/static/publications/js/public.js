// gongkai public documents: size of the text, copying the address, printing. The pages work without it.
"use strict";

(() => {
  const text = document.querySelector("article.doc");
  const sizes = document.querySelector("[data-sizes]");
  if (sizes && text) {
    sizes.hidden = false;
    sizes.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-size]");
      if (!button) return;
      text.classList.remove("size-small", "size-large");
      if (button.dataset.size !== "usual") text.classList.add(`size-${button.dataset.size}`);
      for (const other of sizes.querySelectorAll("button")) {
        if (other === button) other.setAttribute("aria-pressed", "true");
        else other.removeAttribute("aria-pressed");
      }
    });
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    const words = button.querySelector("span");
    const before = words.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        words.textContent = button.dataset.done;
      } catch {
        words.textContent = button.dataset.copy;
      }
      window.setTimeout(() => { words.textContent = before; }, 4000);
    });
  }

  for (const button of document.querySelectorAll("[data-print][hidden]")) button.hidden = false;

  // On a phone the facets stand folded, so that the list comes first.
  const facets = document.querySelector("[data-facets]");
  if (facets && window.matchMedia("(max-width: 820px)").matches) facets.open = false;
})();
