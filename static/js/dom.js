/* Small helpers that the modules share. */

/** Every element under `root` (itself included) that matches and was not started before by the same module. */
export function fresh(root, selector, mark) {
  const found = [...root.querySelectorAll(selector)];
  if (root instanceof Element && root.matches(selector)) found.push(root);
  return found.filter((element) => {
    if (element.dataset[mark]) return false;
    element.dataset[mark] = "on";
    return true;
  });
}

/** True while the reader writes: no shortcut may fire then. */
export function isTyping(target) {
  if (!(target instanceof Element)) return false;
  if (target.closest("[contenteditable=''], [contenteditable='true'], textarea, select")) return true;
  const input = target.closest("input");
  return Boolean(input) && !["checkbox", "radio", "button", "submit", "reset", "file"].includes(input.type);
}

/** A translated phrase of base.html. */
export function words(name) {
  return document.getElementById("words")?.dataset[name] ?? "";
}
