/* Light or dark. The choice is a cookie, so the server draws the next page in it at once. */
import { fresh } from "./dom.js";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
}

function name(button) {
  button.setAttribute("aria-label", isDark() ? button.dataset.toLight : button.dataset.toDark);
}

export function startTheme(scope) {
  for (const button of fresh(scope, "[data-theme-switch]", "themeReady")) {
    button.hidden = false;
    name(button);
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `theme=${root.dataset.theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
      document.querySelectorAll("[data-theme-switch]").forEach(name);
    });
    system.addEventListener("change", () => name(button));
  }
}
