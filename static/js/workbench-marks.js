/*
  Marks in a text. The rows of the form are the truth; this module draws them into the text and makes new ones from a
  selection. Offsets are code points, as the server counts them; JavaScript's own strings count UTF-16 units.
*/
import { say } from "./flash.js";
import { pieces, placesOf, spanOfSelection } from "./workbench-text.js";

const PILLS = { critical: "danger", major: "warning", minor: "info" };

export function startMarks(form) {
  const box = form.querySelector("[data-marks]");
  if (!box) return;
  const answer = box.querySelector("[data-answer]"), list = box.querySelector("[data-mark-list]");
  const blank = box.querySelector("template[data-mark-blank]"), total = box.querySelector("[data-marks-total]");
  const points = [...answer.dataset.text];
  let open = null;

  const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const rows = () => [...list.querySelectorAll("[data-mark]")];
  const severityOf = (row) => row.querySelector('[name$="-severity"]:checked')?.value ?? "major";
  const placed = (row) => field(row, "start").value !== "" && field(row, "end").value !== "";
  const spanOf = (row) => [Number(field(row, "start").value), Number(field(row, "end").value)];

  function inOrder() {
    const sorted = rows().sort((one, other) => (placed(one) ? spanOf(one)[0] : 1e9) - (placed(other) ? spanOf(other)[0] : 1e9));
    sorted.forEach((row, at) => { if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null); });
    return sorted;
  }

  function drawRow(row, number) {
    row.querySelectorAll("[data-mark-number]").forEach((element) => { element.textContent = number; });
    const isOpen = row === open, severity = severityOf(row), quote = field(row, "quote").value;
    const category = field(row, "category").selectedOptions[0]?.textContent ?? "";
    row.querySelector("[data-mark-line]").hidden = isOpen;
    row.querySelector("[data-mark-body]").hidden = !isOpen;
    row.querySelector("[data-mark-tools]").hidden = false;
    row.querySelector("[data-mark-open]").setAttribute("aria-expanded", String(isOpen));
    row.querySelector("[data-mark-what]").textContent = `${category}:`;
    row.querySelector("[data-mark-words]").textContent = field(row, "correction").value || `“${quote}”`;
    const pill = row.querySelector("[data-mark-pill]");
    pill.className = `pill pill-${PILLS[severity]}`;
    pill.textContent = box.dataset[severity];
    row.querySelector("[data-mark-quote]").textContent = quote;
    row.querySelector("[data-mark-quote]").hidden = !placed(row);
    row.querySelector("[data-mark-quoting]").hidden = placed(row);
  }

  function drawText(sorted) {
    const marks = sorted.map((row, at) => ({ row, number: at + 1, span: spanOf(row), severity: severityOf(row) })).filter(({ row }) => placed(row));
    answer.replaceChildren(...pieces(points, marks).map((line) => {
      const paragraph = document.createElement("p");
      for (const { start, text, mark, ends } of line) {
        const words = document.createElement("span");
        words.dataset.at = start;
        words.textContent = text;
        if (!mark) { paragraph.append(words); continue; }
        const shown = document.createElement("mark");
        shown.className = "span";
        shown.dataset.sev = mark.severity;
        if (mark.row === open) shown.dataset.active = "";
        shown.append(words);
        if (ends) {
          const number = document.createElement("span");
          number.className = "span-n";
          number.textContent = mark.number;
          shown.append("\u2060", number);
        }
        shown.addEventListener("click", () => { if (getSelection().isCollapsed) choose(mark.row); });
        paragraph.append(shown);
      }
      return paragraph;
    }));
  }

  function drawTally(sorted) {
    const counts = sorted.reduce((all, row) => ({ ...all, [severityOf(row)]: (all[severityOf(row)] ?? 0) + 1 }), {});
    box.querySelector("[data-marks-tally]").replaceChildren(...["critical", "major", "minor"].filter((name) => counts[name]).map((name) => {
      const pill = document.createElement("span");
      pill.className = `pill pill-${PILLS[name]}`;
      pill.textContent = box.dataset.tally.replace("{n}", counts[name]).replace("{severity}", box.dataset[name].toLowerCase());
      return pill;
    }));
  }

  function draw() {
    const sorted = inOrder();
    sorted.forEach((row, at) => drawRow(row, at + 1));
    drawText(sorted);
    drawTally(sorted);
    box.querySelector("[data-marks-empty]").hidden = sorted.length > 0;
  }

  function choose(row, focus = true) {
    open = row;
    draw();
    if (row && focus) (placed(row) ? row.querySelector('[name$="-severity"]:checked') ?? field(row, "category") : field(row, "quote")).focus();
  }

  const changed = () => form.dispatchEvent(new Event("change", { bubbles: true }));
  const overlaps = (start, end, but) => rows().some((row) => row !== but && placed(row) && start < spanOf(row)[1] && spanOf(row)[0] < end);

  function place(row, start, end) {
    field(row, "start").value = start;
    field(row, "end").value = end;
    field(row, "quote").value = points.slice(start, end).join("");
  }

  function add(span) {
    if (span && overlaps(...span, null)) { say(box.dataset.overlap); return; }
    const used = rows().map((row) => Number(/marks-(\d+)-/.exec(field(row, "quote").name)[1]));
    const index = Math.max(-1, ...used) + 1;
    const row = blank.content.firstElementChild.cloneNode(true);
    for (const element of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
      for (const name of ["name", "id", "for", "aria-describedby"]) {
        if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replaceAll("__prefix__", index));
      }
    }
    total.value = Math.max(Number(total.value), index + 1);
    list.append(row);
    if (span) place(row, ...span);
    watch(row);
    getSelection()?.removeAllRanges();
    choose(row);
    changed();
  }

  /* For those who cannot select with a pointer: the words are typed, and found. */
  function find(row) {
    const quote = field(row, "quote").value;
    if (placed(row) || !quote.trim()) return;
    const found = placesOf(quote, points);
    if (found.length !== 1) { say(found.length ? box.dataset.twice : box.dataset.nowhere); return; }
    if (overlaps(...found[0], row)) { say(box.dataset.overlap); return; }
    place(row, ...found[0]);
    draw();
    changed();
  }

  function watch(row) {
    row.querySelector("[data-mark-open]").addEventListener("click", () => choose(row));
    row.querySelector("[data-mark-done]").addEventListener("click", () => { choose(null); row.querySelector("[data-mark-open]").focus(); });
    row.querySelector("[data-mark-remove]").addEventListener("click", () => { row.remove(); choose(null); answer.focus(); changed(); });
    field(row, "quote").addEventListener("change", () => find(row));
    row.addEventListener("change", () => draw());
    row.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input:not([type=radio])") && !event.ctrlKey && !event.metaKey) event.preventDefault();
    });
  }

  const button = box.querySelector("[data-mark-add]");
  button.hidden = false;
  button.addEventListener("pointerdown", (event) => event.preventDefault()); /* keeps the selection */
  button.addEventListener("click", () => add(spanOfSelection(answer, points)));
  rows().forEach(watch);
  if (rows().length) rows().forEach((row) => { if (!placed(row)) open = row; });
  draw();
}
