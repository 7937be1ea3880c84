/* Active time and the lease. The server counts; this module says whether somebody is there, and shows the clocks. */
import { businessNow } from "./countdown.js";

const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart"];
let lastSign = Date.now();
SIGNS.forEach((name) => document.addEventListener(name, () => { lastSign = Date.now(); }, { passive: true, capture: true }));

const two = (number) => String(number).padStart(2, "0");
function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600), rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

export function startClock(form) {
  const { beatUrl, state } = form.dataset;
  if (state === "RELEASED") return;
  const beatEvery = Number(form.dataset.beatSeconds) * 1000, idleAfter = Number(form.dataset.idleSeconds);
  const active = document.querySelector("[data-active]"), lease = document.querySelector("[data-lease]");
  const warning = document.querySelector("[data-lease-warning]"), over = document.querySelector("[data-lease-over]");
  let counted = Number(active?.dataset.active ?? 0), since = Date.now();
  let until = lease ? Date.parse(lease.dataset.lease) : 0, whole = Math.max(1, until - businessNow());

  const idle = () => Math.floor((Date.now() - lastSign) / 1000);
  const present = () => !document.hidden && idle() < idleAfter;

  function draw() {
    const shown = counted + (present() ? Math.min(Date.now() - since, beatEvery * 2) / 1000 : 0);
    if (active) active.textContent = clockText(shown);
    if (!lease) return;
    const left = (until - businessNow()) / 1000;
    lease.querySelector("time").textContent = clockText(left);
    const share = Math.round(100 * Math.min(1, Math.max(0, (left * 1000) / whole)));
    lease.querySelector("circle:last-child").setAttribute("stroke-dasharray", `${share} 100`);
    const soon = left < Number(lease.dataset.warnMinutes) * 60;
    if (warning) warning.hidden = !soon || left <= 0;
    if (over) over.hidden = left > 0;
  }

  async function beat() {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    if (!document.hidden) body.append("visible", "on");
    body.append("idle", idle());
    try {
      const answer = await fetch(beatUrl, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const facts = await answer.json();
      counted = facts.active;
      since = Date.now();
      if (facts.state === "WORKING" && until !== Date.parse(facts.until)) {
        until = Date.parse(facts.until);
        whole = Math.max(whole, until - businessNow());
      }
      if (lease && facts.state === "RELEASED") until = 0;
    } catch { /* offline: the lease runs down, the clock shows it, the draft is kept */ }
    draw();
  }

  const ticking = setInterval(() => { if (form.isConnected) draw(); else stop(); }, 1000);
  const beating = setInterval(() => { if (form.isConnected) beat(); else stop(); }, beatEvery);
  function stop() { clearInterval(ticking); clearInterval(beating); }
  draw();
}
