// gongkai requests: a local draft of what is wanted, a filter over bodies, a count of signs. The pages work without it.
"use strict";

(() => {
  const KEY = "gongkai.request";
  const store = {
    read() {
      try {
        return JSON.parse(window.localStorage.getItem(KEY)) || {};
      } catch {
        return {};
      }
    },
    write(value) {
      try {
        window.localStorage.setItem(KEY, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
    clear() {
      try {
        window.localStorage.removeItem(KEY);
      } catch {
        // A browser without storage has nothing to forget.
      }
    },
  };
  document.documentElement.classList.add("scripted");

  // ----- step 2: what is wanted is kept on this machine; who wants it never is -----
  const form = document.querySelector("[data-local-draft]");
  if (form) {
    const fields = [form.elements.subject, form.elements.content];
    const note = form.querySelector("[data-draft-note]");
    const counter = form.querySelector("[data-count]");
    const count = () => {
      counter.textContent = `${fields[1].value.trim().length} / ${fields[1].maxLength}字`;
    };
    const kept = store.read();
    if (fields.every((field) => !field.value.trim()) && (kept.subject || kept.content)) {
      fields[0].value = kept.subject || "";
      fields[1].value = kept.content || "";
      note.textContent = "，已恢复这台电脑上的草稿";
      if (fields[0].value) fields[0].dispatchEvent(new Event("restored", { bubbles: true }));
    }
    count();
    form.addEventListener("input", (event) => {
      if (!fields.includes(event.target)) return;
      count();
      const saved = store.write({ subject: fields[0].value, content: fields[1].value });
      note.textContent = saved ? "，草稿已保存在本机" : "";
    });
  }
  document.querySelector("[data-clear-draft]")?.addEventListener("submit", store.clear);
  if (document.querySelector("[data-submitted]")) store.clear();

  // ----- nothing is sent twice by a double click; the server would take it once anyway -----
  const submits = document.querySelector("[data-submits] button[type=submit]:not([disabled])");
  if (submits) {
    submits.form.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) window.setTimeout(() => (submits.disabled = true), 0);
    });
    window.addEventListener("pageshow", () => (submits.disabled = false));
  }

  // ----- step 1: the list narrows while typing -----
  const filter = document.querySelector("[data-filter]");
  if (filter) {
    const list = document.getElementById(filter.dataset.filter);
    const status = document.querySelector("[data-filter-count]");
    filter.addEventListener("input", () => {
      const words = filter.value.trim();
      let shown = 0;
      for (const group of list.querySelectorAll("fieldset")) {
        let inside = 0;
        for (const choice of group.querySelectorAll(".choice")) {
          choice.hidden = !choice.textContent.includes(words);
          inside += choice.hidden ? 0 : 1;
        }
        group.hidden = !inside;
        shown += inside;
      }
      status.textContent = words ? `找到${shown}个单位` : "";
    });
  }

  // ----- the number behind # comes from the QR code and is never sent in an address -----
  const query = document.querySelector("[data-query]");
  const number = decodeURIComponent(window.location.hash.slice(1));
  if (query && /^[A-Za-z0-9-]{4,40}$/.test(number) && !query.elements.number.value) {
    query.elements.number.value = number;
    query.elements.code.focus();
  }
})();
