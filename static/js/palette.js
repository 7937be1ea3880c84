/* The command palette: Ctrl-K opens it, the server answers with list entries, arrows choose, Enter opens. */

const PAUSE = 120;

export function startPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog?.showModal) return;
  const input = dialog.querySelector("input");
  const list = dialog.querySelector(".palette-found");
  let timer, request, chosen = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const choose = (index) => {
    const all = options();
    chosen = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    if (chosen >= 0) {
      input.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };
  const load = async () => {
    request?.abort();
    request = new AbortController();
    try {
      const answer = await fetch(`${dialog.dataset.palette}?q=${encodeURIComponent(input.value.trim())}`, {
        signal: request.signal,
        headers: { "HX-Request": "true" },
      });
      if (!answer.ok) return;
      list.innerHTML = await answer.text();
      choose(0);
    } catch (error) {
      if (error.name !== "AbortError") list.replaceChildren();
    }
  };

  dialog.addEventListener("toggle", () => {
    if (!dialog.open) return;
    input.select();
    load();
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, PAUSE);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      options()[chosen].click();
    }
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else dialog.showModal();
    }
  });
}
