/*
  A file goes up in pieces and goes on where it stopped: after a dropped connection by itself, after a reload when the
  same file is chosen again. Without this module, or where the browser cannot make a checksum, the plain form sends it.

  The server knows an unfinished upload by the file's checksum and says how much of it is there; nothing is kept here.

  A form whose other fields go first ([data-fields-first]) hands those over and learns what the file stands behind.
*/
import { fresh } from "./dom.js";

const PIECE = 256 * 1024, RETRY = 1000, LONGEST_RETRY = 20000;
const MOST_RESTARTS = 3;

function megabytes(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))}\u00a0kB`;
  return `${(bytes / 1e6).toFixed(1)}\u00a0MB`;
}

async function checksum(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Resolves when the network is back or after a while, whichever is first. */
function waitFor(milliseconds) {
  return new Promise((resolve) => {
    const done = () => { clearTimeout(timer); window.removeEventListener("online", done); resolve(); };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener("online", done);
  });
}

function startUpload(form) {
  const input = form.querySelector("input[type=file]");
  const place = form.querySelector("[data-sending]");
  const shapes = form.querySelector("template[data-sending-shapes]");
  const buttons = form.querySelector("[data-sending-buttons]");
  const bar = place.querySelector("[role=progressbar]"), mark = bar.querySelector("rect");
  const title = place.querySelector("[data-sending-name]"), words = place.querySelector("[data-sending-words]");
  const problem = form.querySelector("[data-sending-problem]");
  let run = 0, known = null, isHandingOver = false;
  let fieldsFirst = form.hasAttribute("data-fields-first");

  function say(state, facts = {}) {
    let text = shapes.content.querySelector(`[data-state="${state}"]`).textContent;
    for (const [name, value] of Object.entries(facts)) text = text.replace(`{${name}}`, value);
    words.textContent = text;
    place.dataset.state = state;
    mark.setAttribute("class", state === "paused" ? "paint-warning" : "paint-accent");
  }

  function draw(offset, size) {
    const percent = Math.floor((100 * offset) / size);
    mark.setAttribute("width", `${percent}%`);
    bar.setAttribute("aria-valuenow", percent);
  }

  function show(isSending) {
    place.hidden = !isSending;
    buttons.hidden = isSending;
    input.disabled = isSending;
  }

  function refuse(sentence) {
    run += 1;
    known = null;
    show(false);
    complain(sentence);
    input.setAttribute("aria-invalid", "true");
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  }

  function ask(url, options = {}) {
    const token = form.elements.csrfmiddlewaretoken.value;
    return fetch(url, { ...options, headers: { Accept: "application/json", "X-CSRFToken": token, ...options.headers } });
  }

  function begin(file, sha256) {
    const body = new URLSearchParams({
      kind: form.dataset.kind, credential: form.dataset.credential, name: file.name, size: file.size, sha256,
    });
    return ask(form.dataset.resumable, { method: "POST", body });
  }

  function next(file) {
    const offset = known.offset;
    const body = file.slice(offset, offset + PIECE);
    const headers = { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) };
    return ask(known.url, { method: "POST", body, headers });
  }

  /** One round: announce it when nothing is known, ask where it stands after trouble, else send a piece. */
  async function step(file, sha256, isUnsure) {
    if (!known) return begin(file, sha256);
    return isUnsure ? ask(known.url) : next(file);
  }

  async function send(file) {
    const mine = (run += 1);
    problem.hidden = true;
    input.removeAttribute("aria-invalid");
    title.textContent = file.name;
    draw(0, 1);
    say("reading");
    show(true);
    let sha256;
    try { sha256 = await checksum(file); } catch { refuse(form.dataset.unreadable); return; }
    let pause = RETRY, isUnsure = false, restarts = 0;
    while (mine === run) {
      let answer = null, facts = null;
      try {
        answer = await step(file, sha256, isUnsure);
        if (answer.headers.get("Content-Type")?.startsWith("application/json")) facts = await answer.json();
      } catch { answer = null; }
      if (mine !== run) return;
      if (answer?.redirected) { location.reload(); return; }
      if (facts?.done) { draw(1, 1); say("done"); location.assign(form.dataset.next); return; }
      if (answer?.ok && facts) {
        known = facts;
        pause = RETRY;
        isUnsure = false;
        draw(known.offset, file.size);
        say("sending", { a: megabytes(known.offset), b: megabytes(file.size) });
      } else if (answer?.status === 409 && facts?.offset !== undefined) {
        known.offset = facts.offset;
      } else if (known && (answer?.status === 404 || answer?.status === 409) && (restarts += 1) <= MOST_RESTARTS) {
        known = null; /* It ended meanwhile, here or in another window: whoever announces it again learns which. */
      } else if (answer && !facts && answer.status < 500) {
        location.reload();
        return;
      } else if (facts?.detail && answer.status < 500) {
        refuse(facts.detail);
      } else {
        isUnsure = Boolean(known);
        say("paused", { a: megabytes(known?.offset ?? 0), b: megabytes(file.size) });
        await waitFor(pause);
        pause = Math.min(pause * 2, LONGEST_RETRY);
      }
    }
  }

  function complain(sentence) {
    problem.querySelector("span").textContent = sentence;
    problem.hidden = false;
  }

  /** Send all but the file. Tells whether the file may follow; if not, the page says why, and nothing written is lost. */
  async function handOver() {
    const body = new FormData(form);
    body.delete(input.name);
    let facts = null;
    try {
      const answer = await ask(form.action, { method: "POST", body });
      if (!answer.headers.get("Content-Type")?.startsWith("application/json")) { form.submit(); return false; }
      facts = await answer.json();
    } catch { complain(form.dataset.unreachable); return false; }
    if (!facts.credential) { complain(facts.detail); return false; }
    form.dataset.credential = facts.credential;
    fieldsFirst = false;
    return true;
  }

  form.addEventListener("submit", async (event) => {
    const file = input.files[0], wasHandedOver = !fieldsFirst && form.hasAttribute("data-fields-first");
    if (wasHandedOver && !file) { event.preventDefault(); location.assign(form.dataset.next); return; }
    if (!file || !file.size) return; /* the server says it in words */
    event.preventDefault();
    if (isHandingOver) return;
    known = null;
    problem.hidden = true;
    isHandingOver = true;
    const mayFollow = !fieldsFirst || await handOver();
    isHandingOver = false;
    if (mayFollow) send(file);
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) show(false); });
  place.querySelector("[data-sending-cancel]").addEventListener("click", () => {
    run += 1;
    if (known) ask(known.discard, { method: "POST" }).catch(() => {});
    known = null;
    show(false);
    input.focus();
  });
}

export function startUploads(scope) {
  if (!window.crypto?.subtle) return;
  for (const form of fresh(scope, "form[data-resumable]", "uploadReady")) startUpload(form);
}
