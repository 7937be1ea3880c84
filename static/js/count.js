/* Counters count towards the rule: "127 of at least 60 characters". */
import { fresh, words } from "./dom.js";

export function startCounts(scope) {
  for (const counter of fresh(scope, "[data-count-for]", "countReady")) {
    const control = document.getElementById(counter.dataset.countFor);
    if (!control) continue;
    const show = () => {
      const count = [...control.value.trim()].length;
      if (count) counter.textContent = words("of").replace("{n}", count).replace("{least}", counter.dataset.atLeast);
    };
    control.addEventListener("input", show);
    show();
  }
}
