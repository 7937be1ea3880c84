/*
  Answers save themselves, and the time left counts down. Without this module every button still works.

  The server decides the time: it says how many seconds are left with the page and with each save, and this counts on
  from there by the browser's monotonic clock, which no change of the date or the time zone moves.
*/
const PAUSE = 700, RETRY = 3000, LONGEST_RETRY = 30000, MINUTE = 60;
const NOT_ANSWERS = new Set(["csrfmiddlewaretoken", "revision", "then"]);
const clock = document.querySelector("[data-remaining]");
let left = clock ? Number(clock.dataset.remaining) : 0, since = performance.now(), isLeaving = false;

function setLeft(seconds) {
  left = seconds;
  since = performance.now();
}

function leftText(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600), minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function tick() {
  const now = Math.max(0, Math.ceil(left - (performance.now() - since) / 1000));
  clock.querySelector("time").textContent = leftText(now);
  clock.classList.toggle("clock-now", now < MINUTE);
  clock.classList.toggle("clock-soon", now >= MINUTE && now < 5 * MINUTE);
  if (now > 0 || isLeaving) return;
  isLeaving = true;
  Promise.all(forms.map((form) => form.save())).finally(() => setTimeout(() => location.assign(clock.dataset.overUrl), 1500));
}

function startForm(form) {
  const revision = form.elements.revision;
  const place = form.querySelector("[data-saved]") ?? document.querySelector("[data-saved]");
  const shapes = document.querySelector("template[data-saved-shapes]");
  const note = form.querySelector("[data-conflict]");
  const written = () => JSON.stringify([...new FormData(form)].filter(([name]) => !NOT_ANSWERS.has(name)));
  let saved = written(), timer, pause = RETRY, sending = null, isStopped = false, theirs = null;

  function show(state) {
    if (!place || !shapes) return;
    const shape = shapes.content.querySelector(`[data-state="${state}"]`).cloneNode(true);
    place.dataset.state = state;
    place.classList.toggle("clock-soon", state === "offline");
    place.classList.toggle("clock-now", state === "conflict");
    place.replaceChildren(...shape.childNodes);
  }

  function body() {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (name !== "csrfmiddlewaretoken") fields.append(name, value);
    return fields;
  }

  async function send(keepalive) {
    const text = written();
    show("saving");
    let answer = null, facts = null;
    try {
      answer = await fetch(form.dataset.put, {
        method: "PUT", body: body(), keepalive, headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      });
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) facts = await answer.json();
    } catch { answer = null; }
    if (facts?.left !== undefined) setLeft(facts.left);
    if (answer?.ok && facts) {
      revision.value = facts.revision;
      saved = text;
      pause = RETRY;
      show("saved");
      if (written() !== saved) plan(PAUSE);
    } else if (answer?.status === 409 && facts) {
      isStopped = true;
      theirs = facts.revision;
      show("conflict");
      if (note) note.hidden = false;
    } else if (answer?.status === 409) {
      isLeaving = true;
      location.reload();
    } else {
      show("offline");
      plan(pause);
      pause = Math.min(pause * 2, LONGEST_RETRY);
    }
  }

  function save(keepalive = false) {
    clearTimeout(timer);
    if (isStopped || written() === saved) return sending ?? Promise.resolve();
    sending ??= send(keepalive).finally(() => { sending = null; });
    return sending;
  }

  function plan(after) {
    clearTimeout(timer);
    timer = setTimeout(save, after);
  }

  form.addEventListener("input", () => plan(PAUSE));
  form.addEventListener("change", () => plan(0));
  form.querySelector("[data-keep-mine]")?.addEventListener("click", () => {
    revision.value = theirs;
    saved = null; /* The other window changed it, so what is here counts as not saved, whatever it was before. */
    isStopped = false;
    note.hidden = true;
    save();
  });
  /* A save on its way ends first, so that the button's own request carries the newest revision. */
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!sending) return;
    event.preventDefault();
    const submitter = event.submitter;
    sending.then(() => { if (!isStopped) form.requestSubmit(submitter); });
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(true); });
  window.addEventListener("online", () => { pause = RETRY; save(); });
  return { save };
}

const forms = [...document.querySelectorAll("form[data-answer]")].map(startForm);
if (clock) {
  tick();
  setInterval(tick, 1000);
}
