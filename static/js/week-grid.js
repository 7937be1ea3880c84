/* The grid of free hours: arrows move, the mouse paints, presets tick, the sum is there at once. It is checkboxes without this. */
import { fresh } from "./dom.js";

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function startGrid(grid) {
  const boxes = [...grid.querySelectorAll("input[type=checkbox]")];
  const total = grid.querySelector("[data-week-total]"), keys = grid.querySelector("[data-week-keys]");
  let painting = null;

  const count = () => { total.textContent = boxes.filter((box) => box.checked).length; };
  const reach = (box) => {
    for (const one of boxes) one.tabIndex = one === box ? 0 : -1;
  };
  const rows = () => [...grid.querySelectorAll("tbody tr")].filter((row) => row.offsetParent);
  const tell = () => grid.dispatchEvent(new Event("input", { bubbles: true }));

  reach(boxes.find((box) => box.checked && box.offsetParent) ?? boxes[0]);
  if (keys) keys.hidden = false;
  grid.addEventListener("change", count);
  grid.addEventListener("focusin", (event) => { if (boxes.includes(event.target)) reach(event.target); });
  grid.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || !boxes.includes(event.target)) return;
    event.preventDefault();
    const all = rows(), row = event.target.closest("tr");
    const across = [...row.querySelectorAll("input")].indexOf(event.target) + move[0];
    const next = all[all.indexOf(row) + move[1]]?.querySelectorAll("input")[across];
    if (!next) return;
    if (event.shiftKey) { next.checked = event.target.checked; count(); tell(); }
    next.focus();
  });

  /* Only the mouse paints: a finger that moves scrolls the page. */
  grid.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button || !boxes.includes(event.target)) return;
    painting = { from: event.target, on: !event.target.checked };
  });
  grid.addEventListener("pointerover", (event) => {
    if (!painting || !(event.buttons & 1) || !boxes.includes(event.target) || event.target === painting.from) return;
    painting.from.checked = event.target.checked = painting.on;
    painting.moved = true;
    count();
  });
  grid.addEventListener("click", (event) => {
    if (painting?.moved && event.target === painting.from) event.preventDefault();
  }, true);
  addEventListener("pointerup", () => {
    if (painting?.moved) tell();
    setTimeout(() => { painting = null; });
  });

  for (const button of grid.querySelectorAll("button[data-boxes]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const wanted = button.dataset.boxes.split(" ").filter(Boolean);
      for (const box of boxes) box.checked = wanted.length ? box.checked || wanted.includes(box.value) : false;
      count();
      tell();
    });
  }
}

export function startGrids(scope) {
  for (const grid of fresh(scope, "[data-week-grid]", "gridReady")) startGrid(grid);
  /* Nobody has told their zone yet: the browser knows it. */
  for (const select of fresh(scope, "select[data-own-zone]", "zoneReady")) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (select.value === "UTC" && [...select.options].some((option) => option.value === here)) select.value = here;
  }
}
