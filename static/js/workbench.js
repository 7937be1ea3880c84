/* The workbench: one form, and small modules that each look after one thing. Works again in what htmx brings. */
import { startClock } from "./workbench-clock.js";
import { clearLocal, startDraft } from "./workbench-draft.js";
import { startMarks } from "./workbench-marks.js";
import { startProgress } from "./workbench-progress.js";
import { fresh, isTyping } from "./dom.js";

function startWorkbench(scope) {
  for (const form of fresh(scope, "form[data-workbench]", "benchReady")) {
    startMarks(form);
    startDraft(form);
    startClock(form);
    startProgress(form);
    document.querySelectorAll("[data-needs-script]").forEach((element) => { element.hidden = false; });
    document.querySelector("[data-form-errors]")?.focus();
  }
  for (const element of fresh(scope, "[data-clears-draft]", "clearReady")) {
    element.addEventListener(element.matches("form") ? "submit" : "click", () => clearLocal(element.dataset.clearsDraft));
  }
}

/* 1 to 5 rate the row that has the focus. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const scale = event.target.closest?.("[data-workbench] .scale");
  const choice = scale?.querySelector(`input[type=radio][value="${CSS.escape(event.key)}"]`);
  if (!choice || !/^[1-5]$/.test(event.key)) return;
  event.preventDefault();
  choice.checked = true;
  choice.focus();
  choice.dispatchEvent(new Event("change", { bubbles: true }));
});

startWorkbench(document);
document.addEventListener("htmx:load", (event) => startWorkbench(event.detail.elt));
