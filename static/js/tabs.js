/* Panels on one page get a tab list; arrows move, Home and End jump. Without this file they stand below each other. */
import { fresh } from "./dom.js";

function build(box) {
  const panels = [...box.querySelectorAll(":scope > [data-panel]")];
  if (panels.length < 2) return;
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.label);
  const tabs = panels.map((panel) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `${panel.id}-tab`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.textContent = panel.dataset.title;
    if (panel.dataset.count) {
      const badge = document.createElement("span");
      badge.className = "count-badge";
      badge.textContent = panel.dataset.count;
      tab.append(" ", badge);
    }
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.tabIndex = 0;
    list.append(tab);
    return tab;
  });
  const choose = (index, focus) => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
      panels[at].hidden = at !== index;
    });
    if (focus) tabs[index].focus();
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(index));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      choose((to + tabs.length) % tabs.length, true);
    });
  });
  box.prepend(list);
  box.dataset.ready = "";
  const asked = (hash) => panels.findIndex((panel) => `#${panel.id}` === hash);
  choose(Math.max(0, asked(location.hash)));
  /* A link elsewhere on the page ("see the evidence") opens its panel, which would stay hidden otherwise. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    const index = link ? asked(link.getAttribute("href")) : -1;
    if (index >= 0) choose(index);
  });
}

export function startPanels(scope) {
  fresh(scope, "[data-panels]", "panelsReady").forEach(build);
}
