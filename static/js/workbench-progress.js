/* "All 8 fields are filled": counts towards what a submit needs. Each [data-needed] is a group of fields of one name. */

export function startProgress(form) {
  const line = document.querySelector("[data-progress]");
  if (!line) return;
  const groups = () => [...form.querySelectorAll("[data-needed]")];

  function isFilled(group) {
    const fields = [...group.querySelectorAll(`[name="${group.dataset.needed}"]`)];
    if (fields.some((field) => field.type === "radio")) return fields.some((field) => field.checked);
    const least = Number(group.dataset.atLeast ?? 1);
    return fields.every((field) => [...field.value.trim()].length >= least);
  }

  function draw() {
    const all = groups(), left = all.filter((group) => !isFilled(group)).length;
    const words = left === 0 ? line.dataset.all.replace("{n}", all.length)
      : left === 1 ? line.dataset.one : line.dataset.left.replace("{n}", left);
    line.querySelector("span").textContent = words;
    line.querySelector(".icon").toggleAttribute("hidden", left !== 0);
    line.hidden = false;
  }

  form.addEventListener("input", draw);
  form.addEventListener("change", draw);
  draw();
}
