/* Whoever leaves a form with something unsaved in it is asked once more by the browser. */
import { fresh } from "./dom.js";

const SAVES = "form[data-unsaved]";

export function startUnsaved(scope) {
  for (const form of fresh(scope, SAVES, "unsavedReady")) {
    const mark = () => { form.dataset.dirty = ""; };
    form.addEventListener("input", mark);
    form.addEventListener("change", mark);
    form.addEventListener("submit", () => { delete form.dataset.dirty; });
    form.addEventListener("htmx:sendError", mark);
  }
}

addEventListener("beforeunload", (event) => {
  if (document.querySelector(`${SAVES}[data-dirty]`)) event.preventDefault();
});
