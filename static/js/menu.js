/* Menus are details elements: close on Escape, on a click elsewhere and when another opens. */
import { fresh } from "./dom.js";

export function startMenus(scope) {
  for (const menu of fresh(scope, "details[data-menu]", "menuReady")) {
    menu.addEventListener("toggle", () => {
      if (!menu.open) return;
      document.querySelectorAll("details[data-menu][open]").forEach((other) => { if (other !== menu) other.open = false; });
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.open) {
        menu.open = false;
        menu.querySelector("summary").focus();
        return;
      }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || !menu.open) return;
      const entries = [...menu.querySelectorAll(".menu a, .menu button")];
      const at = entries.indexOf(document.activeElement);
      event.preventDefault();
      entries[(at + step + entries.length) % entries.length]?.focus();
    });
  }
}

document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
