/* `data-shortcut="m"` or "Ctrl+Enter" presses its element. Single keys never fire while the reader types. */
import { isTyping } from "./dom.js";

function keyOf(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("ctrl");
  if (event.altKey) parts.push("alt");
  parts.push(event.key.toLowerCase());
  return parts.join("+");
}

export function startShortcuts() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const key = keyOf(event);
    const combined = key.includes("ctrl+") || key.includes("alt+");
    if (!combined && (isTyping(event.target) || document.querySelector("dialog[open]"))) return;
    const target = [...document.querySelectorAll("[data-shortcut]")].find(
      (element) => element.dataset.shortcut.toLowerCase() === key && !element.disabled && element.offsetParent !== null,
    );
    if (!target) return;
    event.preventDefault();
    target.matches("input, textarea, select") && !["radio", "checkbox"].includes(target.type) ? target.focus() : target.click();
  });
}
