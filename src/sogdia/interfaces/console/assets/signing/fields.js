/** Inputs for the fields of a message, each with its unit; and what was typed, as the message says it. */

import { button, make } from "./dom.js";
import { label } from "./reading.js";
import { choiceWords, minorDigits } from "./values.js";
import { say, tell } from "./words.js";

/** What was typed does not fit: where, and why in words. */
export class Wrong extends Error {
  constructor(input, words) {
    super(words);
    this.input = input;
  }
}

/**
 * The fields of a message or part. @param {object} here @param {string} name of the shape
 * @param {{path: string, needed: boolean, root: HTMLElement, sender?: string}} place
 * @returns {{element: HTMLElement, read: () => object}}
 */
export function structure(here, name, place) {
  const shape = here.shapes[name];
  const made = shape.fields.map((field) => [field, entry(here, name, field, place)]);
  const element = make("div", { class: "columns" }, made.map(([, one]) => one.element));
  const read = () => {
    const found = shape.tag_field && shape.tag_field !== "type" ? { [shape.tag_field]: shape.tag } : {};
    for (const [field, one] of made) {
      const value = one.read();
      if (value !== undefined) {
        found[field.name] = value;
      }
    }
    return found;
  };
  const isEmpty = () => made.every(([, one]) => one.isEmpty());
  return { element, read, isEmpty };
}

function entry(here, owner, field, place) {
  const words = label(here, owner, field.name);
  const path = place.path ? `${place.path}.${field.name}` : field.name;
  const needed = place.needed && Boolean(field.needed);
  const within = { ...place, path, needed, sender: undefined, isSender: place.sender === field.name };
  if (field.parts?.length > 1) {
    return oneOf(here, field, words, within);
  }
  if (field.parts) {
    return field.many ? several(here, field, words, within) : whole(here, field, words, within);
  }
  return field.many && field.choices ? ticks(here, field, words, within) : scalar(here, field, words, within);
}

function whole(here, field, words, place) {
  const inner = structure(here, field.parts[0], place);
  const element = group(here, field, words, inner.element);
  const read = () => (!field.needed && inner.isEmpty() ? undefined : inner.read());
  return { element, read, isEmpty: inner.isEmpty };
}

/** One of several parts: which one is chosen first. */
function oneOf(here, field, words, place) {
  const id = `f-${place.path}`;
  const tags = new Map(field.parts.map((name) => [here.shapes[name].tag, name]));
  const options = [...tags.keys()].map((tag) => make("option", { value: tag }, choiceWords(here, tag)));
  const select = make("select", { id }, options);
  const body = make("div");
  let inner;
  const choose = () => {
    inner = structure(here, tags.get(select.value), place);
    body.replaceChildren(inner.element);
  };
  select.addEventListener("change", choose);
  choose();
  const element = make("fieldset", { class: "whole" }, make("legend", {}, words),
    make("div", { class: "field" }, make("label", { for: id }, tell(here, "which")), select), body);
  return { element, read: () => inner.read(), isEmpty: () => false };
}

/** A list of parts: entries are added and taken away. */
function several(here, field, words, place) {
  const entries = [];
  const list = make("div", { class: "listed" });
  let count = 0;
  const add = () => {
    count += 1;
    const inner = structure(here, field.parts[0], { ...place, path: `${place.path}.${count}`, needed: place.needed });
    const one = { inner };
    const drop = button("small", tell(here, "drop_entry"), () => {
      entries.splice(entries.indexOf(one), 1);
      one.element.remove();
      more.focus();
    });
    const given = { class: "entry", role: "group", "aria-label": `${words} ${count}` };
    one.element = make("div", given, inner.element, drop);
    entries.push(one);
    list.append(one.element);
    return one;
  };
  const begin = () => add().element.querySelector("input, select, textarea")?.focus();
  const named = { "aria-label": `${tell(here, "add_entry")}: ${words}` };
  const more = button("small", tell(here, "add_entry"), begin, named);
  if (field.needed) {
    add();
  }
  const element = group(here, field, words, list, make("p", { class: "adds" }, more));
  const read = () => (entries.length || field.needed ? entries.map((one) => one.inner.read()) : undefined);
  return { element, read, isEmpty: () => entries.length === 0 };
}

function ticks(here, field, words, place) {
  const boxes = field.choices.map((value) => make("input", { type: "checkbox", value, name: place.path }));
  const told = (box) => make("label", { class: "check" }, box, make("span", {}, choiceWords(here, box.value)));
  const element = group(here, field, words, make("div", { class: "columns" }, boxes.map(told)));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const read = () => {
    if (field.needed && !chosen().length) {
      throw new Wrong(boxes[0], tell(here, "needed"));
    }
    return chosen().length || field.needed ? chosen() : undefined;
  };
  return { element, read, isEmpty: () => !chosen().length };
}

function scalar(here, field, words, place) {
  const id = `f-${place.path}`;
  const input = inputOf(here, field, id, place);
  const told = hint(here, field, place);
  if (told) {
    input.setAttribute("aria-describedby", `${id}-hint`);
  }
  const element = make("div", { class: input.localName === "textarea" ? "field whole" : "field" },
    make("label", { for: id }, words, " ", optional(here, field)),
    told && make("p", { class: "hint", id: `${id}-hint` }, told), input);
  const read = () => {
    const text = input.value.trim();
    if (!text) {
      if (field.needed) {
        throw new Wrong(input, tell(here, "needed"));
      }
      return undefined;
    }
    return field.many ? lines(here, field, input, text) : valueOf(here, field, input, text, place);
  };
  return { element, read, isEmpty: () => !input.value.trim() || input.value === input.dataset.before };
}

const group = (here, field, words, ...inner) =>
  make("fieldset", { class: "whole" }, make("legend", {}, words, " ", optional(here, field)), inner);

const optional = (here, field) => (field.needed ? null : make("span", { class: "optional" }, tell(here, "optional")));

function inputOf(here, field, id, place) {
  const given = { id, name: place.path, required: place.needed, autocomplete: "off", spellcheck: "false" };
  if (field.many || field.kind === "raw") {
    return make("textarea", { ...given, rows: 3, class: field.kind === "raw" ? "json" : null });
  }
  if (field.choices) {
    const none = field.needed || field.default ? [] : [""];
    const options = [...none, ...field.choices].map((value) =>
      make("option", { value, selected: value === field.default }, value && choiceWords(here, value)));
    return make("select", { id, name: place.path }, options);
  }
  const before = beforehand(here, field, place);
  const input = make("input", { ...given, ...looks(field), value: before, "data-before": before });
  return input;
}

/** What may be taken as said: the party that signs, the time, and what the message takes for itself. */
function beforehand(here, field, place) {
  if (place.isSender) {
    return here.party.did;
  }
  if (field.kind === "instant" && field.needed && field.name.endsWith("_at_ms")) {
    return new Date().toISOString().slice(0, 19);
  }
  const isPlain = ["text", "whole", "currency"].includes(field.kind);
  return isPlain ? String(field.default ?? "") : "";
}

function looks(field) {
  switch (field.kind) {
    case "party": return { list: "known-parties" };
    case "day": return { type: "date" };
    case "instant": return { type: "datetime-local", step: 1 };
    case "country": case "currency": return { maxlength: field.kind === "country" ? 2 : 3 };
    case "money": case "price": case "fraction": return { inputmode: "decimal" };
    case "grams": case "whole": case "duration": return { inputmode: "numeric" };
    default: return field.most && field.most < 100_000 ? { maxlength: field.most } : {};
  }
}

function hint(here, field, place) {
  if (field.many) {
    return tell(here, field.kind === "raw" ? "hint_raw" : "hint_lines");
  }
  if (field.kind === "money") {
    return tell(here, hasCurrency(here, place) ? "hint_money" : "hint_minor");
  }
  return say(here, `console_signing.hint_${field.pattern === "[0-9a-f]{64}" ? "hex" : field.kind}`);
}

const hasCurrency = (here, { root }) => here.shapes[root.dataset.message].fields.some((one) => one.name === "currency");

function lines(here, field, input, text) {
  if (field.kind === "raw") {
    const found = parsedJson(here, input, text);
    return Array.isArray(found) ? found : [found];
  }
  return text.split(/\s*\n\s*/).map((one) => valueOf(here, field, input, one, {}));
}

function valueOf(here, field, input, text, place) {
  switch (field.kind) {
    case "money": return scaled(here, field, input, text, moneyDigits(here, place));
    case "price": case "fraction": return scaled(here, field, input, text, 5);
    case "grams": case "whole": case "customs_code": return scaled(here, field, input, text, 0);
    case "duration": return scaled(here, field, input, text, 0) * 60_000;
    case "instant": return Date.parse(`${text}Z`);
    case "raw": return parsedJson(here, input, text);
    case "country": case "currency": return text.toUpperCase();
    default: return fitting(here, field, input, text);
  }
}

function moneyDigits(here, { root }) {
  const currency = root.querySelector("[name=currency]")?.value.trim().toUpperCase();
  return hasCurrency(here, { root }) ? minorDigits(here, currency) : 0;
}

/** A decimal number as a whole one of its smallest unit; exact. */
function scaled(here, field, input, text, digits) {
  const found = /^(-?)(\d[\d,\s]*)(?:\.(\d+))?$/.exec(text);
  const back = found?.[3] ?? "";
  const whole = found && `${found[1]}${found[2].replace(/[,\s]/g, "")}${back.padEnd(digits, "0")}`;
  const number = whole && back.length <= digits ? Number(whole) : NaN;
  if (!Number.isSafeInteger(number)) {
    throw new Wrong(input, tell(here, digits ? "wrong_decimal" : "wrong_whole", { digits }));
  }
  if (field.kind !== "duration" && (number < (field.least ?? number) || number > (field.most ?? number))) {
    throw new Wrong(input, tell(here, "wrong_range", { least: field.least, most: field.most }));
  }
  return number;
}

function fitting(here, field, input, text) {
  if (field.pattern && !new RegExp(`^(?:${field.pattern})$`).test(text)) {
    throw new Wrong(input, tell(here, "wrong_form"));
  }
  return text;
}

function parsedJson(here, input, text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Wrong(input, tell(here, "wrong_json"));
  }
}
