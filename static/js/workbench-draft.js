/*
  The draft: saved to the server after a pause, kept on this device until the server has it.

  Every save says which version it was written on. A stale one is answered 409 and nothing is overwritten: then this
  module stops saving and offers the comparison. What could not be sent is sent again, also after a reload.
*/
const PAUSE = 1500, RETRY = 5000, LONGEST_RETRY = 60000;
const NOT_WRITTEN = new Set(["csrfmiddlewaretoken", "version", "key", "then"]);

const keyOf = (assignment) => `preceptor.draft.${assignment}`;

export function clearLocal(assignment) {
  try { localStorage.removeItem(keyOf(assignment)); } catch { /* storage is off: there is nothing to clear */ }
}

function writtenIn(form) {
  return [...new FormData(form)].filter(([name]) => !NOT_WRITTEN.has(name));
}

export function startDraft(form) {
  const assignment = form.dataset.assignment, version = form.elements.version;
  const place = document.querySelector("[data-saved]");
  const shapes = document.querySelector("template[data-saved-shapes]");
  const refused = form.hasAttribute("data-refused");
  let saved = refused ? "" : JSON.stringify(writtenIn(form));
  let timer, pause = RETRY, sending = null, stopped = false, handedIn = false;

  const isDirty = () => JSON.stringify(writtenIn(form)) !== saved;
  const isHere = () => form.isConnected;

  function show(state, time) {
    if (!place) return;
    const shape = shapes.content.querySelector(`[data-state="${state}"]`).cloneNode(true);
    const moment = shape.querySelector("time");
    if (moment && time) moment.textContent = time;
    place.dataset.state = state;
    place.classList.toggle("clock-soon", state === "offline");
    place.classList.toggle("clock-now", state === "conflict");
    place.replaceChildren(...shape.childNodes);
  }

  function keep() {
    try {
      const copy = { version: version.value, at: Date.now(), fields: writtenIn(form) };
      localStorage.setItem(keyOf(assignment), JSON.stringify(copy));
    } catch { /* storage is full or off: the server still gets every save */ }
  }

  function conflict() {
    stopped = true;
    show("conflict");
    const note = document.querySelector("[data-conflict]");
    if (note) note.hidden = false;
  }

  async function post(fields, onVersion) {
    const body = new FormData();
    fields.forEach(([name, value]) => body.append(name, value));
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("version", onVersion);
    return fetch(form.dataset.draftUrl, { method: "POST", body, headers: { Accept: "application/json" } });
  }

  async function send() {
    const fields = writtenIn(form), text = JSON.stringify(fields);
    show("saving");
    let answer, facts = null;
    try {
      answer = await post(fields, version.value);
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) facts = await answer.json();
    } catch { answer = null; }
    if (!isHere()) return;
    if (answer?.ok && facts) {
      version.value = facts.version;
      saved = text;
      pause = RETRY;
      show("saved", facts.time);
      if (isDirty()) { keep(); plan(PAUSE); } else clearLocal(assignment);
    } else if (answer?.status === 409) {
      conflict();
    } else {
      show("offline");
      plan(pause);
      pause = Math.min(pause * 2, LONGEST_RETRY);
    }
  }

  function save() {
    clearTimeout(timer);
    if (stopped || !isHere() || !isDirty()) return sending ?? Promise.resolve();
    sending ??= send().finally(() => { sending = null; });
    return sending;
  }

  function plan(after) {
    clearTimeout(timer);
    timer = setTimeout(save, after);
  }

  function changed() {
    if (stopped || !isDirty()) return;
    keep();
    if (place?.dataset.state !== "offline") plan(PAUSE);
  }

  /* What an earlier visit could not send. Sent on the version it was written on, so nothing newer is overwritten. */
  async function replay() {
    let copy = null;
    try { copy = JSON.parse(localStorage.getItem(keyOf(assignment))); } catch { /* not ours, or storage is off */ }
    if (!copy?.fields || JSON.stringify(copy.fields) === saved) { clearLocal(assignment); return; }
    stopped = true;
    try {
      const answer = await post(copy.fields, copy.version);
      if (answer.ok) { clearLocal(assignment); location.reload(); return; }
      if (answer.status === 409) { offer(copy.fields); return; }
    } catch { /* offline again: the copy stays */ }
    stopped = false;
    show("offline");
  }

  /* Somebody saved in between: the comparison gets the kept fields, not the ones this page shows. */
  function offer(fields) {
    conflict();
    const button = document.querySelector("[data-conflict] button");
    button?.addEventListener("click", (event) => {
      event.preventDefault();
      const ask = document.createElement("form");
      ask.method = "post";
      ask.action = form.dataset.compareUrl;
      const all = [...fields, ["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value], ["version", version.value]];
      for (const [name, value] of all) {
        const field = document.createElement("textarea");
        field.name = name;
        field.value = value;
        ask.append(field);
      }
      ask.hidden = true;
      document.body.append(ask);
      ask.submit();
    });
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  window.addEventListener("online", () => { pause = RETRY; save(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
  window.addEventListener("pagehide", () => { if (!handedIn && isHere() && isDirty()) keep(); });

  /* Before htmx hears of a submit: buttons with an address of their own go there, and a save on its way ends first. */
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    if (event.submitter?.hasAttribute("data-plain")) { event.stopPropagation(); return; }
    keep();
    clearTimeout(timer);
    if (!sending) return;
    event.preventDefault();
    event.stopPropagation();
    const submitter = event.submitter;
    sending.then(() => { if (!stopped) form.requestSubmit(submitter); });
  }, true);
  /* The status tells, since htmx calls an answer that leads to another page neither successful nor failed. */
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt !== form) return;
    const { status } = event.detail.xhr;
    if (status >= 200 && status < 300) { clearLocal(assignment); stopped = handedIn = true; }
    else if (!status) { show("offline"); plan(pause); }
  });
  /* A refused submit came back with all that was sent: it is saved from here, and its problems stay on the page. */
  if (refused) { keep(); plan(PAUSE); } else replay();
}
