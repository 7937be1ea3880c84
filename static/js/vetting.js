/* The vetting console: keys of the queue, the form of a decision, and a claim that holds while somebody works. */
import { fresh, isTyping } from "./dom.js";

const KEEP_EVERY = 5 * 60 * 1000;
const DECISIONS = ["a", "m", "d"];

function plain(event) {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && !document.querySelector("dialog[open]");
}

/* j and k go down and up the rows; c claims the row that has the focus; a, m and d open its decision with that choice. */
function rowKeys(event) {
  const links = [...document.querySelectorAll("[data-row-link]")];
  if (!links.length) return;
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  if (event.key === "j" || event.key === "k") {
    const to = at < 0 ? 0 : at + (event.key === "j" ? 1 : -1);
    links[Math.min(Math.max(to, 0), links.length - 1)].focus();
  } else if (at >= 0 && event.key === "c") {
    links[at].closest("tr").querySelector("[data-row-claim]")?.click();
  } else if (at >= 0 && DECISIONS.includes(event.key)) {
    location.assign(`${links[at].href}?decide=${event.key}#decision`);
  } else {
    return;
  }
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.isComposing || !plain(event)) return;
  if (event.defaultPrevented) {
    /* shortcuts.js chose the outcome; what comes next is the reason. */
    if (DECISIONS.includes(event.key)) document.querySelector("[data-decide] [name=reason_code], [name=opinion-words]")?.focus();
    return;
  }
  rowKeys(event);
});

/* Only reasons and words that fit the outcome are offered; what was chosen before and does not fit is let go. */
function fit(form) {
  const outcome = form.querySelector("[name=outcome]:checked")?.value;
  const codes = Object.fromEntries(form.dataset.codes.split(";").filter(Boolean).map((part) => {
    const [name, list] = part.trim().split(":");
    return [name, list.split(",")];
  }));
  const select = form.elements.reason_code;
  for (const option of select.options) {
    option.hidden = option.disabled = Boolean(outcome && option.value) && !codes[outcome].includes(option.value);
  }
  for (const group of select.querySelectorAll("optgroup")) group.hidden = [...group.children].every((option) => option.hidden);
  if (select.selectedOptions[0]?.disabled) select.value = "";
  for (const one of form.querySelectorAll("[data-starter]")) one.hidden = Boolean(outcome) && one.dataset.starter !== outcome;
  for (const group of form.querySelectorAll("[data-starters]")) group.hidden = [...group.querySelectorAll("[data-starter]")].every((one) => one.hidden);
}

function startDecision(form) {
  fit(form);
  form.addEventListener("change", (event) => { if (event.target.name === "outcome") fit(form); });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-start-from]");
    if (!button) return;
    form.querySelector(`[name=outcome][value="${CSS.escape(button.dataset.outcome)}"]`).checked = true;
    fit(form);
    form.elements.reason_code.value = button.dataset.code;
    const area = form.elements.reason;
    const before = area.value.trim();
    area.value = before ? `${before}\n\n${button.dataset.startFrom}` : button.dataset.startFrom;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
    const gap = area.value.indexOf("…", before.length);
    if (gap >= 0) area.setSelectionRange(gap, gap + 1);
  });
}

/* A claim is renewed only by somebody who reads or types: an open tab alone holds nothing. */
function startKeeping(element) {
  let worked = false;
  for (const name of ["keydown", "pointerdown", "scroll"]) document.addEventListener(name, () => { worked = true; }, { passive: true });
  setInterval(() => {
    if (!worked || document.hidden) return;
    worked = false;
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    fetch(element.dataset.keepClaim, { method: "POST", headers }).catch(() => { worked = true; });
  }, KEEP_EVERY);
}

function start(scope) {
  for (const form of fresh(scope, "form[data-decide]", "decideReady")) startDecision(form);
  for (const element of fresh(scope, "[data-keep-claim]", "keepReady")) startKeeping(element);
  for (const element of fresh(scope, "[data-needs-script]", "scriptReady")) element.hidden = false;
}

start(document);
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
