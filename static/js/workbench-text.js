/* A text in pieces, and places in it. Everything counts code points: `points` is the text as an array of characters. */

/** Lines of pieces, cut where marks begin and end; the same cut as projects/work/marked.py makes. Empty lines are left out. */
export function pieces(points, marks) {
  const lines = [];
  let at = 0;
  while (at <= points.length) {
    let end = points.indexOf("\n", at);
    if (end < 0) end = points.length;
    if (end > at) lines.push(cut(points, at, end, marks));
    at = end + 1;
  }
  return lines;
}

function cut(points, from, to, marks) {
  const inside = marks.flatMap(({ span }) => span).filter((edge) => from < edge && edge < to);
  const edges = [...new Set([from, ...inside, to])].sort((one, other) => one - other);
  return edges.slice(0, -1).map((start, index) => {
    const stop = edges[index + 1];
    const mark = marks.find(({ span }) => span[0] <= start && stop <= span[1]);
    return { start, text: points.slice(start, stop).join(""), mark, ends: mark?.span[1] === stop };
  });
}

/** Where the words of `quote` stand, whatever white space lies between them. */
export function placesOf(quote, points) {
  const words = quote.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const text = points.join("");
  return [...text.matchAll(new RegExp(words.join("\\s+"), "gu"))].map((found) => {
    const start = [...text.slice(0, found.index)].length;
    return [start, start + [...found[0]].length];
  });
}

/** The selected code points [start, end] without white space around them, or null when nothing of the text is selected. */
export function spanOfSelection(answer, points) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!answer.contains(range.commonAncestorContainer) && !range.intersectsNode(answer)) return null;
  let start = offsetOf(answer, range.startContainer, range.startOffset, false);
  let end = offsetOf(answer, range.endContainer, range.endOffset, true);
  while (start < end && /\s/.test(points[start])) start += 1;
  while (end > start && /\s/.test(points[end - 1])) end -= 1;
  return end > start ? [start, end] : null;
}

function offsetOf(answer, node, offset, isEnd) {
  const piece = node.nodeType === Node.TEXT_NODE ? node.parentElement.closest("[data-at]") : null;
  if (piece && answer.contains(piece)) return Number(piece.dataset.at) + [...node.data.slice(0, offset)].length;
  const edge = document.createRange();
  edge.setStart(node, offset);
  let before = 0;
  for (const element of answer.querySelectorAll("[data-at]")) {
    const start = Number(element.dataset.at);
    if (edge.comparePoint(element.firstChild, 0) >= 0) return isEnd ? before : start;
    before = start + [...element.textContent].length;
  }
  return before;
}
