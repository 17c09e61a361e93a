/**
 * A message in words: its sentence, and every field with its name and unit. What has no words is shown as it stands.
 * In a template `{field}` is a value, `{field.inner}` one within it, `{lines#}` how many, `{lines#line|lines}` with the
 * word for one or for several. A value that is not there is left out between commas, a dash elsewhere.
 */

import { facts, make, plainly } from "./dom.js";
import { shown, textOf } from "./values.js";
import { say } from "./words.js";

const MANY = 12;

/** A message read with the words of this room. */
export class Reading {
  /** @param {object} here @param {Record<string, string>} names @param {Map<string, unknown>} message */
  constructor(here, names, message) {
    this.here = here;
    this.message = message;
    this.tag = message.get("type");
    this.shape = Object.hasOwn(here.shapes, String(this.tag)) ? here.shapes[this.tag] : undefined;
    this.about = { here, names, currency: currencyOf(message, this.shape) };
  }

  /** What kind of act it is, in a few words. */
  get kind() {
    return say(this.here, `sign_name.${this.tag}`) ?? plainly(String(this.tag));
  }

  /** The act with its number, for a button. @returns {string} */
  get act() {
    const template = this.here.words[`sign_act.${this.tag}`];
    return template ? this.filled(template, (value, kind) => textOf(value, kind, this.about)).join("") : this.kind;
  }

  /** The sentence, as elements. */
  sentence() {
    const template = this.here.words[`sign_says.${this.tag}`];
    if (!this.shape || !template) {
      const words = say(this.here, "sign_value.unknown_message");
      return make("p", { class: "says" }, words, " ", make("code", {}, this.kind));
    }
    return make("p", { class: "says" }, this.filled(template, (value, kind) => shown(value, kind, this.about)));
  }

  /** One field in words; nothing where the message has none of that name. @param {string} name */
  text(name) {
    const [value, kind] = this.found([name]);
    return value === undefined ? "" : textOf(value, kind, this.about);
  }

  /** Everything that stands in the message. */
  everything() {
    return listed(this.message, this.shape, this.tag, this.about);
  }

  filled(template, told) {
    const isEmpty = (token) => isNothing(this.found(token.slice(1, -1).split("."))[0]);
    const whole = template.replace(/[,，] ?(\{[\w.]+\})(?=[,，])/g, (part, token) => (isEmpty(token) ? "" : part));
    return whole.split(/(\{[^}]+\})/).filter(Boolean).map((piece) => {
      const token = /^\{([\w.]+)(?:(#)(?:(.+)\|(.+))?)?\}$/.exec(piece);
      if (!token) {
        return piece;
      }
      const [value, kind] = this.found(token[1].split("."));
      if (token[2]) {
        return counted(value, token[3], token[4]);
      }
      return isNothing(value) ? "–" : told(value, kind);
    });
  }

  found(path) {
    let [value, shape, kind] = [this.message, this.shape, "raw"];
    for (const name of path) {
      const field = shape?.fields.find((one) => one.name === name);
      value = value instanceof Map ? value.get(name) : undefined;
      kind = field?.kind ?? (name === "action" ? "choice" : "raw");
      shape = field?.parts ? this.here.shapes[field.parts[0]] : undefined;
    }
    return [value, kind];
  }
}

const isNothing = (value) => value === undefined || value === null || value === "";

/** How many there are, with the word for one or for several when the language has two. */
function counted(list, one, several) {
  if (!Array.isArray(list)) {
    return "?";
  }
  const word = list.length === 1 ? one : several;
  return word ? `${list.length} ${word}` : String(list.length);
}

function currencyOf(message, shape) {
  const given = message.get("currency") ?? shape?.fields.find((one) => one.name === "currency")?.default;
  return typeof given === "string" && /^[A-Z]{3}$/.test(given) ? given : "";
}

/** The words for a field; its own name when there are none. */
export const label = (here, owner, name) =>
  say(here, `sign_field.${owner}_${name}`) ?? say(here, `sign_field.${name}`) ?? plainly(name);

function listed(value, shape, owner, about) {
  const [rows, empty] = [[], []];
  for (const [name, one] of value) {
    if (name === "type" && shape && !shape.fields.some((field) => field.name === "type")) {
      continue;
    }
    const field = shape?.fields.find((found) => found.name === name);
    const words = label(about.here, owner, name);
    if (field && (one === null || one === "" || (Array.isArray(one) && !one.length))) {
      empty.push(words);
    } else if (!field && name === shape?.tag_field) {
      rows.push([words, shown(one, "choice", about)]);
    } else if (!field) {
      rows.push([`${plainly(name)} (${say(about.here, "sign_value.unknown_field")})`, shown(one, "raw", about)]);
    } else {
      rows.push([words, within(one, field, about)]);
    }
  }
  const names = empty.join(say(about.here, "sign_value.comma"));
  const left = names && make("p", { class: "hint" }, say(about.here, "sign_value.left_empty"), " ", names);
  return make("div", { class: "everything" }, rows.length ? facts(rows) : null, left || null);
}

function within(value, field, about) {
  if (field.parts) {
    return field.many && Array.isArray(value) ? several(value, field, about) : one(value, field, about);
  }
  if (field.many && Array.isArray(value)) {
    const rows = value.map((item) => make("li", {}, shown(item, field.kind, about)));
    return folded(make("ul", {}, rows), value.length, about);
  }
  return shown(value, field.kind, about);
}

function one(value, field, about) {
  if (!(value instanceof Map)) {
    return shown(value, "raw", about);
  }
  const name = partOf(value, field, about.here);
  return listed(value, about.here.shapes[name], name, about);
}

/** Which of the parts that may stand here it is: by its tag, else the only one. */
function partOf(value, field, here) {
  return field.parts.find((name) => {
    const shape = here.shapes[name];
    return !shape.tag_field || value.get(shape.tag_field) === shape.tag;
  });
}

function several(list, field, about) {
  const rows = list.map((item) => make("li", {}, one(item, field, about)));
  return folded(make("ol", { class: "parts" }, rows), list.length, about);
}

function folded(list, count, { here }) {
  const words = say(here, "sign_value.entries", { n: count });
  return count <= MANY ? list : make("details", {}, make("summary", {}, words), list);
}
