/* Filters send themselves: choices at once, words after a pause. Enter works with or without this. */
import { fresh } from "./dom.js";

const PAUSE = 350;

export function startFilters(scope) {
  for (const form of fresh(scope, "form[data-autosubmit]", "filterReady")) {
    let timer;
    const send = () => { clearTimeout(timer); form.requestSubmit(); };
    form.addEventListener("change", (event) => { if (event.target.type !== "search" && event.target.type !== "text") send(); });
    form.addEventListener("input", (event) => {
      if (event.target.type !== "search" && event.target.type !== "text") return;
      clearTimeout(timer);
      timer = setTimeout(send, PAUSE);
    });
  }
}
