/** Values as JSON in which a whole number keeps every digit: what JSON.stringify cannot do for a BigInt. */

import { Digits } from "./payload.js";

/** @param {unknown} value plain objects and lists, and what `payload.js` makes of JSON @returns {string} */
export function toJson(value) {
  if (typeof value === "bigint" || value instanceof Digits) {
    return value instanceof Digits ? value.text : value.toString();
  }
  if (Array.isArray(value)) {
    return `[${value.map(toJson).join(",")}]`;
  }
  if (value === null || typeof value !== "object") {
    return JSON.stringify(value) ?? "null";
  }
  const pairs = value instanceof Map ? [...value] : Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${pairs.map(([name, one]) => `${JSON.stringify(name)}:${toJson(one)}`).join(",")}}`;
}
