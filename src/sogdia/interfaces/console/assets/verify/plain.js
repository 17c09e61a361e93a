/** Whether two values say the same as JSON, where 1, 1.0 and true are three things and the order of names is none. */

import { toBase64 } from "./bytes.js";

/** One text for each value, the same for values that JSON cannot tell apart. @param {unknown} value */
export function spelt(value) {
  if (typeof value === "bigint") {
    return value.toString();
  }
  if (typeof value === "number") {
    return Number.isFinite(value) ? `f${Object.is(value, -0) ? "-0" : value}` : "null";
  }
  if (value instanceof Uint8Array) {
    return JSON.stringify(toBase64(value));
  }
  if (Array.isArray(value)) {
    return `[${value.map(spelt).join(",")}]`;
  }
  if (value instanceof Map) {
    const names = [...value.keys()].sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${spelt(value.get(name))}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
