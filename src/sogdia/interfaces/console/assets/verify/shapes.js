/**
 * What a place in a file must hold. A shape takes what `parsed` found and gives the value, or throws `Unfit` with the
 * way to the place. Whole numbers become bigint, bytes are base64, names that nobody knows are passed over.
 */

import { Unfit, fromBase64 } from "./bytes.js";
import { Numeral, Pairs, Text } from "./json_parts.js";

export const MAX_INT64 = 2n ** 63n - 1n;
const REQUIRED = Symbol("required");

function expected(what) {
  throw new Unfit("expected", { what });
}

function within(length, least, most) {
  if (length < least || length > most) {
    throw new Unfit("length", { found: length, least, most });
  }
}

/** Runs a shape at a place; what it throws tells the way to there. */
function at(step, shape, found) {
  try {
    return shape(found);
  } catch (wrong) {
    if (wrong instanceof Unfit) {
      wrong.fields.where = step + (wrong.fields.where ?? "");
    }
    throw wrong;
  }
}

/** Text of so many characters. */
export const text = (least = 0, most = Infinity) => (found) => {
  const said = found instanceof Text ? found.said : expected("text");
  if (least > 0 || most < Infinity) {
    within([...said].length, least, most);
  }
  return said;
};

/** One text and no other. */
export const literal = (wanted) => (found) => {
  const said = text()(found);
  return said === wanted ? said : expected(wanted);
};

/** A whole number, as bigint. */
export const whole = (least = null, most = null) => (found) => {
  const value = found instanceof Numeral && found.isWhole ? found.value : expected("whole");
  if ((least !== null && value < least) || (most !== null && value > most)) {
    throw new Unfit("number_range");
  }
  return value;
};

/** Base64 of so many bytes. */
export const bytes = (least = 0, most = Infinity) => (found) => {
  const raw = found instanceof Text ? fromBase64(found.said) : expected("base64");
  within(raw.length, least, most);
  return raw;
};

/** A list of one shape. */
export const list = (one, least = 0, most = Infinity) => (found) => {
  const items = Array.isArray(found) ? found : expected("list");
  within(items.length, least, most);
  return items.map((item, place) => at(`[${place}]`, one, item));
};

/** Nothing, or the shape. */
export const optional = (one) => (found) => (found === null ? null : one(found));

/** An object with texts for all its names, as a Map. */
export const map = (one) => (found) => {
  const pairs = found instanceof Pairs ? found.list : expected("object");
  return new Map(pairs.map(([name, value]) => [name.said, at(`.${name.said}`, one, value)]));
};

/** Anything: null, boolean, string, bigint, number, list, Map. */
export function any(found) {
  if (found instanceof Text) {
    return found.said;
  }
  if (found instanceof Numeral) {
    return found.value;
  }
  return Array.isArray(found) ? found.map(any) : found instanceof Pairs ? map(any)(found) : found;
}

/** A field that may be left out. */
export const or = (one, otherwise) => ({ one, otherwise });

/**
 * An object with these fields; of a name that comes twice the last counts, and each must fit.
 * @param {Record<string, Function | {one: Function, otherwise: unknown}>} fields
 * @param {{tag?: string, closed?: boolean}} rules the value of `type` if there is one; whether other names are refused
 */
export const object = (fields, { tag = null, closed = false } = {}) => {
  const before = (one) => (typeof one === "function" ? REQUIRED : one.otherwise);
  const start = Object.entries(fields).map(([name, one]) => [name, before(one)]);
  return (found) => {
    const pairs = found instanceof Pairs ? found.list : expected("object");
    const value = Object.fromEntries(start);
    for (const [given, inner] of pairs) {
      const name = nameOf(given);
      if (Object.hasOwn(fields, name)) {
        const one = fields[name];
        value[name] = at(`.${name}`, typeof one === "function" ? one : one.one, inner);
      } else if (tag !== null && name === "type") {
        at(".type", literal(tag), inner);
      } else if (closed) {
        throw new Unfit("unknown_name", { name });
      }
    }
    const missing = Object.keys(value).find((name) => value[name] === REQUIRED);
    return missing === undefined ? value : at(`.${missing}`, () => expected("there"));
  };
};

function nameOf(given) {
  try {
    return given.said;
  } catch {
    return "?"; // no name of ours: those are text
  }
}
