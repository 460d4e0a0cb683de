// gongkai workbench: keys, act dialogs, drafts, selection, review spans, file drops.
// Everything here saves a reload or a click; every page works without it. No inline code, no eval.
"use strict";

(() => {
  const body = document.body;
  const dialog = document.getElementById("dialog");
  const say = (words) => {
    const live = document.getElementById("live");
    if (live) live.textContent = words;
  };
  const typing = (target) =>
    target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|button|submit)$/.test(target.type);

  // ----- rows -----
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  let current = -1;

  const moveTo = (index) => {
    const all = rows();
    if (!all.length) return;
    current = Math.max(0, Math.min(index, all.length - 1));
    const link = all[current].querySelector("[data-open], a");
    if (link) link.focus();
    all[current].scrollIntoView({ block: "nearest" });
  };
  const here = () => {
    const all = rows();
    const focused = all.findIndex((row) => row.contains(document.activeElement));
    if (focused >= 0) current = focused;
    return all[current];
  };
  const boxes = () => [...document.querySelectorAll('[data-rows] input[type="checkbox"]:not([data-select-all])')];
  const countSelected = () => {
    const chosen = boxes().filter((box) => box.checked);
    for (const box of boxes()) box.closest("[data-row]")?.classList.toggle("sel", box.checked);
    for (const place of document.querySelectorAll("[data-selected-count]")) place.textContent = String(chosen.length);
    for (const part of document.querySelectorAll("[data-needs-selection]")) part.hidden = chosen.length === 0;
    for (const all of document.querySelectorAll("[data-select-all]")) {
      all.checked = chosen.length > 0 && chosen.length === boxes().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) {
      for (const box of boxes()) box.checked = event.target.checked;
      say(event.target.checked ? `已选${boxes().length}件` : "已取消选择");
    }
    if (event.target.matches("[data-rows] input[type=checkbox]")) countSelected();
  });

  // ----- keys -----
  const keys = {
    "/": () => document.getElementById("q")?.focus(),
    j: () => moveTo((here() ? current : -1) + 1),
    k: () => moveTo((here() ? current : 1) - 1),
    x: () => {
      const box = here()?.querySelector('input[type="checkbox"]');
      if (box) box.click();
    },
    a: () => (here()?.querySelector("[data-act]") || document.querySelector(".actbar [data-act]"))?.click(),
    "?": () => document.getElementById("keyboard")?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      if (form && form.method === "post") {
        event.preventDefault();
        form.requestSubmit(form.querySelector("[data-confirm-key]") || undefined);
      }
      return;
    }
    if (event.key === "Escape") {
      for (const open of document.querySelectorAll("details.menu[open], details.why[open], .wb-person[open], .wb-menu[open]")) {
        open.open = false;
        if (open.contains(document.activeElement)) open.querySelector("summary").focus();
      }
      return;
    }
    if (body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  // Menus close when the reader goes elsewhere.
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.menu[open], details.why[open], .wb-person[open], .wb-menu[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  // A list that would leave the window opens to the other side.
  document.addEventListener(
    "toggle",
    (event) => {
      const list = event.target.open && event.target.querySelector?.(":scope > .menu-list:not(.right)");
      if (list && list.getBoundingClientRect().right > document.documentElement.clientWidth) list.classList.add("right");
    },
    true
  );

  // ----- act dialog: a native <dialog>, so the browser keeps the focus inside -----
  let opener = null;
  const closeDialog = () => {
    if (dialog?.open) dialog.close();
  };
  dialog?.addEventListener("close", () => {
    const form = dialog.querySelector("form[data-draft-url]");
    if (form) saveDraft(form);
    dialog.replaceChildren();
    if (opener?.isConnected) opener.focus();
    opener = null;
  });
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close]");
    if (close && dialog?.contains(close)) {
      event.preventDefault();
      closeDialog();
    }
    if (event.target === dialog) closeDialog();
  });

  const focusFirst = (part) => {
    const target =
      part.querySelector("[data-error-summary], .notice[role=alert]") || part.querySelector("[autofocus]") || part.querySelector("h1, h2");
    if (!target) return;
    if (!target.hasAttribute("tabindex") && /^(H1|H2|DIV)$/.test(target.tagName)) target.tabIndex = -1;
    target.focus({ preventScroll: target.tagName !== "DIV" });
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === dialog && !dialog.open) opener = document.activeElement;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.detail.target;
    if (target === dialog) {
      if (!dialog.querySelector("*")) return closeDialog();
      if (!dialog.open) dialog.showModal();
      watchDrafts();
    }
    if (target === dialog || target.matches?.("[data-focus-after-swap]")) focusFirst(target);
    countSelected();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const words =
      event.detail.xhr.status === 403
        ? "没有办成：登录已过期，或者你的角色不能办理。请刷新页面再试。"
        : "没有办成：服务器没有正常回应。请过一会儿再试，填写的内容还在。";
    tell(words);
  });
  document.addEventListener("htmx:sendError", () => tell("没有连上服务器。请检查网络后再试，填写的内容还在。"));

  const tell = (words) => {
    const place = dialog?.open ? dialog.querySelector(".body") : document.getElementById("main");
    if (!place) return;
    place.querySelector("[data-told]")?.remove();
    const note = document.createElement("div");
    note.className = "notice late";
    note.setAttribute("role", "alert");
    note.dataset.told = "";
    const text = document.createElement("p");
    text.textContent = words;
    note.append(text);
    place.prepend(note);
    note.scrollIntoView({ block: "nearest" });
  };

  // ----- drafts: kept every ten seconds when something changed -----
  const written = (form) => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  };
  const fingerprint = (form) => new URLSearchParams(written(form)).toString();
  const saved = new WeakMap();
  const saveDraft = async (form) => {
    const print = fingerprint(form);
    if (saved.get(form) === print) return;
    const state = form.querySelector("[data-draft-state]");
    try {
      const response = await fetch(form.dataset.draftUrl, {
        method: "POST",
        body: written(form),
        credentials: "same-origin",
        headers: { "X-Requested-With": "fetch" },
      });
      if (!response.ok) throw new Error(String(response.status));
      saved.set(form, print);
      const now = new Date();
      const two = (number) => String(number).padStart(2, "0");
      if (state) state.textContent = `${two(now.getHours())}:${two(now.getMinutes())} 已自动保存`;
    } catch {
      if (state) state.textContent = "草稿没有保存，请检查网络";
    }
  };
  const watchDrafts = () => {
    for (const form of document.querySelectorAll("form[data-draft-url]")) {
      if (!saved.has(form)) saved.set(form, fingerprint(form));
    }
  };
  setInterval(() => {
    for (const form of document.querySelectorAll("form[data-draft-url]")) saveDraft(form);
  }, 10000);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-draft-save]");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    const form = button.form;
    saved.delete(form);
    saveDraft(form);
  }, true);

  // ----- review screen: a task and its words light up together -----
  // data-spans="s3 s7" on a task, data-span="s3" on the words.
  const light = (ids, on) => {
    for (const id of ids) {
      for (const span of document.querySelectorAll(`[data-span="${CSS.escape(id)}"]`)) span.classList.toggle("cur", on);
    }
  };
  const tasksOf = (id) =>
    [...document.querySelectorAll("[data-spans]")].filter((task) => task.dataset.spans.split(" ").includes(id));
  const hover = (event, on) => {
    const task = event.target.closest?.("[data-spans]");
    if (task) light(task.dataset.spans.split(" ").filter(Boolean), on);
    const span = event.target.closest?.("[data-span]");
    if (span) for (const found of tasksOf(span.dataset.span)) found.classList.toggle("lit", on);
  };
  for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(name, (event) => hover(event, on));
  }
  const scrollWithin = (element) => element?.scrollIntoView({ block: "center", behavior: "instant" });
  document.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, select, textarea, label, summary")) return;
    const span = event.target.closest("[data-span]");
    if (span) return scrollWithin(tasksOf(span.dataset.span)[0]);
    const task = event.target.closest("[data-spans]");
    if (task) {
      const first = task.dataset.spans.split(" ").filter(Boolean)[0];
      if (first) scrollWithin(document.querySelector(`[data-span="${CSS.escape(first)}"]`));
    }
  });

  // ----- file drops -----
  const listFiles = (area) => {
    const input = area.querySelector('input[type="file"]');
    const list = area.querySelector("[data-drop-list]");
    if (!input || !list) return;
    list.replaceChildren(
      ...[...input.files].map((file) => {
        const item = document.createElement("li");
        const size = file.size < 1048576 ? `${Math.max(1, Math.round(file.size / 1024))} KB` : `${(file.size / 1048576).toFixed(1)} MB`;
        item.textContent = `${file.name}，${size}`;
        return item;
      })
    );
  };
  document.addEventListener("change", (event) => {
    const area = event.target.closest?.("[data-drop]");
    if (area) listFiles(area);
  });
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      const area = event.target.closest?.("[data-drop]");
      if (!area) return;
      event.preventDefault();
      area.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const area = event.target.closest?.("[data-drop]");
      if (!area) return;
      area.classList.remove("over");
      if (name !== "drop") return;
      event.preventDefault();
      const input = area.querySelector('input[type="file"]');
      if (!input || !event.dataTransfer?.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // ----- selects and boxes that are filters send their form at once -----
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form?.requestSubmit();
  });
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();
  watchDrafts();
  countSelected();
})();
