/** Records for people: tables, keys and fields in the visitor's words; the values stay as they are. */

import { facts, made } from "./elements.js";
import { spelt } from "./plain.js";
import { plainly } from "./plainly.js";
import { hasWords, instant, say } from "./words.js";

const MS = /_ms$/;
const LAST_MS = 8_640_000_000_000_000n;

/** The name of a field; as it stands where there are no words. @param {string} name */
export const fieldWords = (name) => (hasWords(`field.${name}`) ? say(`field.${name}`) : name);

/** The name of a table. @param {string} name */
export const tableWords = (name) => (hasWords(`table.${name}`) ? say(`table.${name}`) : name);

/** What a transaction asks for. @param {string[]} acts types of its messages, with customs' code where it answers */
export function actWords(acts) {
  return acts.map((one) => {
    const [type, code] = one.split(" ");
    const act = hasWords(`act.${type}`) ? say(`act.${type}`) : type;
    return hasWords(`code.${code}`) ? say("join.coded", { act, code: say(`code.${code}`) }) : act;
  }).join(say("join.comma"));
}

/**
 * A record as people call it: what it is, and its own number; whose it is only where that is all there is.
 * @param {string} table @param {string} key its fields with spaces between
 */
export function called(table, key) {
  const parts = key.split(" ").filter(Boolean);
  const own = parts.filter((one) => !/^did:[^#]*$/.test(one));
  return say("join.called", { what: tableWords(table), number: (own.length ? own : parts).join(" ") });
}

/** A record's fields and values. @param {[string, unknown][]} fields */
export function recordFacts(fields) {
  const table = made("dl", "facts");
  table.append(...facts(fields.map(([name, value]) => [fieldWords(name), valueOf(value, name)])));
  return table;
}

/** A value as text or elements; a dash for nothing. @param {unknown} value @param {string} [name] of its field */
export function valueOf(value, name = "") {
  if (isNothing(value)) {
    return say("join.nothing");
  }
  if (Array.isArray(value) && value.some((one) => one instanceof Map || Array.isArray(one))) {
    const items = made("ol", "inner");
    items.append(...value.map((one) => {
      const item = made("li");
      item.append(valueOf(one));
      return item;
    }));
    return items;
  }
  return lineOf(value, name);
}

function lineOf(value, name) {
  if (value instanceof Map) {
    return [...value].map(([inner, one]) => `${fieldWords(inner)} ${lineOf(one, inner)}`).join(say("join.comma"));
  }
  if (Array.isArray(value)) {
    return value.map((one) => lineOf(one, name)).join(say("join.comma"));
  }
  if (isNothing(value)) {
    return say("join.nothing");
  }
  const text = plainly(typeof value === "string" || typeof value === "number" ? value : spelt(value));
  const isInstant = MS.test(name) && typeof value === "bigint" && value > 0n && value <= LAST_MS;
  return isInstant ? `${text} (${instant(value)})` : text;
}

const isNothing = (value) => value === null || value === undefined || value === "" || value.length === 0
  || value.size === 0;
