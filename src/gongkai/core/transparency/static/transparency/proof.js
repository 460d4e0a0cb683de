// Checking a file: its digest is computed here, so that the file never leaves the reader's device.
// Without this script, or where the browser cannot do it, the form uploads the file instead.
"use strict";

(() => {
  const form = document.querySelector("[data-proof]");
  if (!form || !window.crypto?.subtle) return;
  const input = form.querySelector("input[type=file]");
  const status = form.querySelector("[data-proof-status]");
  form.querySelector("[data-proof-local]").hidden = false;
  form.querySelector("[data-proof-upload]").hidden = true;

  const check = async (file) => {
    status.textContent = "正在计算指纹……";
    try {
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      window.location.assign(`${form.getAttribute("action")}?sha256=${hex}#result`);
    } catch {
      status.textContent = "这个文件读不了，可能太大或已被移走。请换一个文件再试。";
    }
  };
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    check(input.files[0]);
  });
  const place = form.querySelector(".drop");
  for (const name of ["dragover", "dragleave", "drop"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        check(input.files[0]);
      }
    });
  }
})();
