/* Drop a file on its field; say its name. */
import { fresh } from "./dom.js";

function size(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))}\u00a0kB`;
  return `${(bytes / 1e6).toFixed(1)}\u00a0MB`;
}

export function startDrops(scope) {
  for (const place of fresh(scope, "[data-drop]", "dropReady")) {
    const input = place.querySelector("input[type=file]");
    const line = place.querySelector("[data-drop-words]");
    const before = line.textContent;
    input.addEventListener("change", () => {
      line.textContent = [...input.files].map((file) => `${file.name}, ${size(file.size)}`).join("; ") || before;
    });
    for (const name of ["dragenter", "dragover"]) {
      place.addEventListener(name, (event) => { event.preventDefault(); place.dataset.over = ""; });
    }
    for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => { delete place.dataset.over; });
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer?.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}
