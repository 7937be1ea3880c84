/* Words typed into a box find entries below it: the server answers with options, arrows choose, Enter or a tap takes one. */
import { fresh } from "./dom.js";

const PAUSE = 140;

export function startPickers(scope) {
  for (const box of fresh(scope, "[data-picker]", "pickerReady")) {
    const input = box.querySelector("input"), list = box.querySelector("[role=listbox]");
    let timer, request, chosen = -1;
    input.removeAttribute("list"); // the browser's own list, which knows neither accents nor typing errors
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");

    const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
    const close = () => {
      clearTimeout(timer);
      request?.abort();
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      chosen = -1;
    };
    const point = (index) => {
      const all = options();
      if (!all.length) return;
      chosen = (index + all.length) % all.length;
      all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
      input.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    };
    const take = (option) => {
      input.value = option.dataset.name;
      close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.form.elements.add_years?.focus();
    };
    const load = async () => {
      request?.abort();
      if (!input.value.trim()) { close(); return; }
      request = new AbortController();
      try {
        const answer = await fetch(`${box.dataset.picker}?add=${encodeURIComponent(input.value.trim())}`, {
          signal: request.signal,
          headers: { "HX-Request": "true" },
        });
        if (!answer.ok) return;
        list.innerHTML = await answer.text();
        list.hidden = !list.firstElementChild;
        input.setAttribute("aria-expanded", String(!list.hidden));
        chosen = -1;
        input.removeAttribute("aria-activedescendant");
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    };

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(load, PAUSE);
    });
    input.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      if (event.key === "ArrowDown") point(chosen + 1);
      else if (event.key === "ArrowUp") point(chosen < 0 ? -1 : chosen - 1);
      else if (event.key === "Enter" && chosen >= 0) take(options()[chosen]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", () => setTimeout(close, 150));
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus until the choice is made
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]:not([aria-disabled])");
      if (option) take(option);
    });
  }
}
