// Drawing a box on a page: with the pointer, or with the four numbers, which the box follows. The form works without this.
(() => {
  "use strict";
  const page = document.getElementById("mask-page");
  const form = document.getElementById("mask-form");
  const box = document.getElementById("mask-new");
  const tools = document.getElementById("mask-tools");
  if (!page || !form || !box || !tools) return;
  const draw = document.getElementById("mask-draw");
  const submit = document.getElementById("mask-box");
  const fields = ["left", "top", "width", "height"].map((name) => form.elements[name]);
  const size = page.viewBox.baseVal;
  let start = null;
  tools.hidden = false;

  const place = (event) => {
    const frame = page.getBoundingClientRect();
    const limit = (value) => Math.min(100, Math.max(0, value));
    return {
      x: limit((100 * (event.clientX - frame.left)) / frame.width),
      y: limit((100 * (event.clientY - frame.top)) / frame.height),
    };
  };

  const show = () => {
    const [left, top, width, height] = fields.map((field) => Number.parseFloat(field.value) || 0);
    box.setAttribute("x", (left * size.width) / 100);
    box.setAttribute("y", (top * size.height) / 100);
    box.setAttribute("width", (Math.min(width, 100 - left) * size.width) / 100);
    box.setAttribute("height", (Math.min(height, 100 - top) * size.height) / 100);
    submit.hidden = !(width > 0 && height > 0);
  };

  const set = (values) => {
    fields.forEach((field, index) => {
      field.value = values[index].toFixed(1);
    });
    show();
  };

  const drawing = (event) => event.pointerType === "mouse" || draw.getAttribute("aria-pressed") === "true";

  page.classList.add("drawing");
  draw.addEventListener("click", () => {
    const on = draw.getAttribute("aria-pressed") !== "true";
    draw.setAttribute("aria-pressed", String(on));
    page.classList.toggle("held", on);
  });
  page.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !drawing(event)) return;
    event.preventDefault();
    start = place(event);
    page.setPointerCapture(event.pointerId);
  });
  page.addEventListener("pointermove", (event) => {
    if (!start) return;
    const now = place(event);
    set([Math.min(start.x, now.x), Math.min(start.y, now.y), Math.abs(now.x - start.x), Math.abs(now.y - start.y)]);
  });
  const end = () => {
    start = null;
  };
  page.addEventListener("pointerup", end);
  page.addEventListener("pointercancel", end);
  fields.forEach((field) => field.addEventListener("input", show));
  show();
})();
