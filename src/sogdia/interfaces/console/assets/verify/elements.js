/** The small parts of which the page is made. */

/** An element with a class and text. */
export function made(tag, className = "", text = "") {
  const found = document.createElement(tag);
  found.className = className;
  found.textContent = text;
  return found;
}

/** The shape that goes with a word. @param {"good" | "bad" | "wait" | "info"} kind */
export const mark = (kind) => document.getElementById(`mark-${kind}`).content.firstElementChild.cloneNode(true);

/** Pairs of words and values as `dt` and `dd`. @param {[string, string][]} pairs */
export function facts(pairs) {
  return pairs.map(([words, value]) => {
    const row = made("div");
    row.append(made("dt", "", words), made("dd", "", value));
    return row;
  });
}
