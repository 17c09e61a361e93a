/** The small parts of which the page is made. */

import { plainly } from "./plainly.js";

/** An element with a class and text. */
export function made(tag, className = "", text = "") {
  const found = document.createElement(tag);
  found.className = className;
  found.textContent = plainly(text);
  return found;
}

/** The shape that goes with a word. @param {"good" | "bad" | "wait" | "info"} kind */
export const mark = (kind) => document.getElementById(`mark-${kind}`).content.firstElementChild.cloneNode(true);

/** Pairs of words and values as `dt` and `dd`. @param {[string, string | Node][]} pairs */
export function facts(pairs) {
  return pairs.map(([words, value]) => {
    const row = made("div");
    const told = made("dd");
    told.append(typeof value === "string" ? plainly(value) : value);
    row.append(made("dt", "", words), told);
    return row;
  });
}
