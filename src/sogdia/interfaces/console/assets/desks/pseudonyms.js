/**
 * Buyers' pseudonyms out of a file of customs' own system, matched with the lists of this page, in this browser alone.
 *
 * A line is `list number, pseudonym` or `broker, list number, pseudonym`; commas, semicolons or tabs; a heading may
 * stand first. A line that cannot be used is named with its reason, and costs no other line.
 */

import { filled } from "../counted.js";

const PSEUDONYM = /^[0-9a-f]{64}$/;
const SHOWN = 50;
const place = document.querySelector("[data-pseudonyms]");

if (place) {
  const input = place.querySelector("input[type=file]");
  place.hidden = false;
  input.addEventListener("change", () => {
    take(input.files[0]);
    input.value = ""; // the same file, once mended, is taken again
  });
  for (const name of ["dragenter", "dragover"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    place.addEventListener(name, () => place.classList.remove("over"));
  }
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
}

async function take(file) {
  if (!file) {
    return;
  }
  if (file.size > Number(place.dataset.most)) {
    tell([why("large")]);
    return;
  }
  const text = await file.text().catch(() => null);
  if (text === null) {
    tell([why("unread")]);
    return;
  }
  const lines = linesOf(text);
  if (lines.length === 0) {
    tell([why("empty")]);
    return;
  }
  const boxes = [...document.querySelectorAll('#decide input[name="list"]')];
  const { found, left } = matched(lines, boxes);
  const nameless = boxes.filter((box) => "nameless" in box.dataset);
  for (const box of nameless) {
    name(box, found.get(box));
  }
  nameless[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  const told = [filled(place.dataset.matched, { n: found.size, all: nameless.length })];
  if (found.size < nameless.length) {
    told.push(filled(place.dataset.left, { n: nameless.length - found.size }));
  }
  tell(told, left);
}

/** @returns {{line: number, fields: string[]}[]} lines with something in them, without the heading */
function linesOf(text) {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/).map((words, at) => ({
    line: at + 1,
    fields: words.split(/[,;\t]/).map((field) => field.trim().replace(/^"(.*)"$/, "$1").trim()),
  }));
  const some = lines.filter(({ fields }) => fields.some(Boolean));
  return some[0]?.fields.includes("list_no") ? some.slice(1) : some;
}

/** Which box each line is for; a line that cannot be used is left, with the reason. */
function matched(lines, boxes) {
  const byNumber = new Map();
  for (const box of boxes) {
    byNumber.set(box.dataset.list, [...(byNumber.get(box.dataset.list) ?? []), box]);
  }
  const found = new Map();
  const left = [];
  const unsure = new Set();
  for (const { line, fields } of lines) {
    const [reason, box, pseudonym] = read(fields, byNumber);
    if (reason) {
      left.push({ line, number: reason === "columns" ? "" : fields.at(-2), reason });
    } else if (found.has(box) && found.get(box) !== pseudonym) {
      unsure.add(box);
      left.push({ line, number: box.dataset.list, reason: "differs" });
    } else {
      found.set(box, pseudonym);
    }
  }
  for (const box of unsure) {
    found.delete(box);
  }
  return { found, left };
}

/** @returns {[string, HTMLInputElement?, string?]} a reason, or nothing, the box and its pseudonym */
function read(fields, byNumber) {
  if (fields.length !== 2 && fields.length !== 3) {
    return ["columns"];
  }
  const [pseudonym, number, broker] = [...fields].reverse();
  const fitting = (byNumber.get(number) ?? []).filter((box) => !broker || box.dataset.broker === broker);
  if (fitting.length !== 1) {
    return [fitting.length ? "ambiguous" : "not_here"];
  }
  if (!("nameless" in fitting[0].dataset)) {
    return ["not_needed"];
  }
  const digits = pseudonym.toLowerCase();
  return PSEUDONYM.test(digits) ? ["", fitting[0], digits] : ["no_digits"];
}

/** A list can be chosen once its buyer has a pseudonym; one from an earlier file does not stay. */
function name(box, pseudonym) {
  box.disabled = pseudonym === undefined;
  box.checked = pseudonym !== undefined;
  box.dataset.person = pseudonym ?? "";
  box.closest("tr").querySelector("[data-lacks]").hidden = pseudonym !== undefined;
}

/** What became of the file, and the lines that were left, number by number. */
function tell(sentences, left = []) {
  const told = place.querySelector("[data-told]");
  told.replaceChildren(...sentences.map((words) => element("p", words)));
  if (left.length) {
    const list = document.createElement("ul");
    for (const { line, number, reason } of left.slice(0, SHOWN)) {
      const where = filled(place.dataset.line, { line }) + (number ? ` (${number.slice(0, 40)})` : "");
      list.append(element("li", `${where}: ${why(reason)}`));
    }
    told.append(element("p", filled(place.dataset.unmatched, { n: left.length })), list);
    if (left.length > SHOWN) {
      list.append(element("li", "…"));
    }
  }
}

function element(tag, words) {
  const made = document.createElement(tag);
  made.textContent = words;
  return made;
}

function why(reason) {
  return place.querySelector("template").content.querySelector(`[data-why="${reason}"]`).textContent;
}
