/* Native dialogs. A trigger is a link to the same question as a page, so without this file it still works. */
import { fresh } from "./dom.js";

export function startDialogs(scope) {
  for (const trigger of fresh(scope, "[data-dialog]", "dialogReady")) {
    const dialog = document.getElementById(trigger.dataset.dialog);
    if (!dialog?.showModal) continue;
    trigger.setAttribute("aria-haspopup", "dialog");
    trigger.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      dialog.showModal();
    });
  }
  for (const button of fresh(scope, "[data-dialog-close]", "closeReady")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      button.closest("dialog")?.close();
    });
  }
  for (const dialog of fresh(scope, "dialog", "backdropReady")) {
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    if (dialog.hasAttribute("data-dialog-open")) dialog.showModal();
  }
}
