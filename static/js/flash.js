/* Messages leave by themselves unless they are refusals or being read; failed requests make one. */
import { fresh, words } from "./dom.js";

const STAY = 8000;
const area = document.getElementById("flash");

function leave(toast) {
  if (toast.matches(":hover") || toast.contains(document.activeElement)) { setTimeout(leave, STAY / 2, toast); return; }
  toast.remove();
}

function prepare() {
  if (!area) return;
  for (const toast of fresh(area, "[data-toast]", "toastReady")) {
    const close = toast.querySelector("[data-toast-close]");
    if (close) { close.hidden = false; close.addEventListener("click", () => toast.remove()); }
    if (!toast.hasAttribute("data-stays")) setTimeout(leave, STAY, toast);
  }
}

/** Show a sentence. Tone "danger" stays until it is closed. */
export function say(sentence) {
  const shape = document.getElementById("toast-shape");
  if (!area || !shape || !sentence) return;
  const toast = shape.content.firstElementChild.cloneNode(true);
  toast.querySelector("span").textContent = sentence;
  area.replaceChildren(toast);
}

export function startFlash() {
  if (!area) return;
  prepare();
  new MutationObserver(prepare).observe(area, { childList: true });
  document.addEventListener("htmx:sendError", () => say(words("network")));
  document.addEventListener("htmx:timeout", () => say(words("network")));
  document.addEventListener("htmx:responseError", (event) => {
    say(words(event.detail.xhr.status === 404 ? "gone" : "failed"));
  });
}
