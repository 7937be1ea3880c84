/* Clocks: the text changes once a minute, each second in the last ten minutes. Same words as pages/formats.py. */
import { fresh, words } from "./dom.js";

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const NO_BREAK = "\u00a0";
const said = document.querySelector("meta[name=clock]")?.content;
/* The business clock of the server decides, not the reader's: a wrong watch shows the right time left. */
const skew = said ? Date.parse(said) - Date.now() : 0;
const running = new Set();

export function businessNow() {
  return Date.now() + skew;
}

export function leftText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 10 * MINUTE) return `${Math.floor(whole / MINUTE)}:${String(whole % MINUTE).padStart(2, "0")}`;
  const days = Math.floor(whole / DAY), hours = Math.floor((whole % DAY) / HOUR), minutes = Math.floor((whole % HOUR) / MINUTE);
  if (days >= 3) return `${days}${NO_BREAK}d`;
  const pairs = days ? [[days, "d"], [hours, "h"]] : [[hours, "h"], [minutes, "min"]];
  return pairs.filter(([count]) => count).map(([count, unit]) => `${count}${NO_BREAK}${unit}`).join(" ");
}

function toneOf(left, share, hasSince) {
  if (left < HOUR || (hasSince && share < 10)) return "now";
  if (left < DAY || (hasSince && share < 25)) return "soon";
  return "";
}

function draw(clock) {
  const time = clock.querySelector("time");
  const until = Date.parse(time.dateTime);
  const left = (until - businessNow()) / 1000;
  if (left <= 0) {
    time.textContent = words("over");
    clock.classList.remove("clock-soon", "clock-now");
    clock.querySelector(".dial circle:last-child")?.setAttribute("stroke-dasharray", "0 100");
    clock.dispatchEvent(new CustomEvent("preceptor:over", { bubbles: true }));
    return false;
  }
  const since = time.dataset.since ? Date.parse(time.dataset.since) : until - 7 * DAY * 1000;
  const share = Math.round(100 * Math.min(1, Math.max(0, left * 1000 / (until - since))));
  time.textContent = words("left").replace("{}", leftText(left));
  clock.querySelector(".dial circle:last-child")?.setAttribute("stroke-dasharray", `${share} 100`);
  if (clock.dataset.toneFixed === undefined) {
    const tone = toneOf(left, share, Boolean(time.dataset.since));
    clock.classList.toggle("clock-soon", tone === "soon");
    clock.classList.toggle("clock-now", tone === "now");
  }
  return left;
}

let ticks = 0;
function tick() {
  ticks += 1;
  for (const clock of running) {
    if (!clock.isConnected) { running.delete(clock); continue; }
    const left = (Date.parse(clock.querySelector("time").dateTime) - businessNow()) / 1000;
    if (left > 10 * MINUTE && ticks % 60) continue;
    if (draw(clock) === false) running.delete(clock);
  }
}

export function startClocks(scope) {
  for (const clock of fresh(scope, "[data-countdown]", "clockReady")) {
    const over = (Date.parse(clock.querySelector("time").dateTime) - businessNow()) <= 0;
    if (!over) running.add(clock);
  }
  if (running.size && !startClocks.timer) startClocks.timer = setInterval(tick, 1000);
}
