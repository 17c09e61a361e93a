/** What the page says, out of the catalogue's words for its language. */

import { plainly } from "./plainly.js";

const words = JSON.parse(document.getElementById("words").content.textContent);

/** @param {string} key @returns {boolean} */
export const hasWords = (key) => Object.hasOwn(words, key);

/**
 * The sentence under this key with its fields filled in: bigints in groups of three, `:time` as an instant of UTC.
 * @param {string} key @param {Record<string, unknown>} [fields]
 */
export function say(key, fields = {}) {
  const sentence = words[key] ?? key;
  return sentence.replace(/\{(\w+)(?::(\w+))?\}/g, (_, name, form) => shown(fields[name], form));
}

/** Why something does not fit, and where in the file if that is known. @param {string} why @param {object} fields */
export function sayWhy(why, fields) {
  const known = [`why.${why}_${fields.what}`, `why.${why}`, "why.unknown"].find(hasWords);
  const sentence = say(known, fields);
  const where = fields.where?.replace(/^\./, "");
  return where ? say("said.where", { sentence, where }) : sentence;
}

/** What a check found. @param {{said: string, fields: object}} check */
export function sayFound({ said, fields }) {
  return said.startsWith("why.") ? sayWhy(said.slice(4), fields) : say(`said.${said}`, fields);
}

function shown(value, form) {
  if (value === undefined || value === null) {
    return "?";
  }
  if (form === "time") {
    return instant(value);
  }
  return typeof value === "bigint" || typeof value === "number" ? value.toLocaleString("en") : plainly(value);
}

/** Milliseconds of UTC, to the second. @param {bigint | number} ms */
export function instant(ms) {
  const found = new Date(Number(ms));
  return Number.isNaN(found.getTime()) ? String(ms) : `${found.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
