/* Copy a value. The button appears only where the clipboard can be used. */
import { fresh } from "./dom.js";

export function startCopy(scope) {
  for (const button of fresh(scope, "[data-copy]", "copyReady")) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) continue;
    source.addEventListener("focus", () => source.select?.());
    if (!navigator.clipboard) continue;
    button.hidden = false;
    const label = button.querySelector("span") ?? button;
    const before = label.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.value ?? source.textContent);
        label.textContent = button.dataset.done;
      } catch {
        source.focus();
      }
      setTimeout(() => { label.textContent = before; }, 2500);
    });
  }
}
