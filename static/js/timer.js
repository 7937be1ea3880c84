/*
The running timer: counts its seconds, and tells the server with each sign of life how long nobody has touched the page.
The server decides everything: when to warn, when to ask, when to stop. See templates/hours/timer.html.
*/
import { fresh } from "./dom.js";

const AGAIN_AFTER = 60_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart"];
const running = new Set();
let lastInput = performance.now();
let said = "";

export function elapsedText(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}

function tick() {
  for (const timer of running) {
    if (!timer.element.isConnected) { running.delete(timer); continue; }
    timer.element.textContent = elapsedText(timer.from + Math.floor((performance.now() - timer.since) / 1000));
  }
}

function beat() {
  for (const { element } of running) {
    const card = element.closest("[data-timer]");
    if (card && !card.hasAttribute("data-asks")) window.htmx?.trigger(card, "preceptor:beat");
  }
}

/* Whoever comes back after a while says so at once, not up to a minute later. */
function noticeInput() {
  const silent = performance.now() - lastInput;
  lastInput = performance.now();
  if (silent > AGAIN_AFTER) beat();
}

/* Read a new warning or question out once; the card is drawn anew each minute. */
function say(card) {
  const words = card.querySelector("[data-said]")?.closest(".note")?.querySelector("div")?.textContent.trim() ?? "";
  const kind = `${card.dataset.warned}${card.hasAttribute("data-asks")}`;
  if (kind === said) return;
  said = kind;
  const place = document.querySelector("[data-timer-said]");
  if (place) place.textContent = words;
}

export function startTimers(scope) {
  for (const element of fresh(scope, "[data-elapsed]", "elapsedReady")) {
    running.add({ element, from: Number(element.dataset.elapsed), since: performance.now() });
  }
  for (const card of fresh(scope, "[data-timer]", "timerReady")) {
    say(card);
    card.addEventListener("preceptor:over", () => window.htmx?.trigger(card, "preceptor:beat"));
    card.addEventListener("htmx:configRequest", (event) => {
      if (event.target === card) event.detail.parameters.idle = Math.floor((performance.now() - lastInput) / 1000);
    });
  }
  if (!running.size || startTimers.clock) return;
  startTimers.clock = setInterval(tick, 1000);
  for (const name of SIGNS) document.addEventListener(name, noticeInput, { passive: true, capture: true });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
}
