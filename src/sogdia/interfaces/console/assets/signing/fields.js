/** Inputs for the fields of a message, each with its unit; and what was typed, as the message says it. */

import { Unfit } from "../verify/bytes.js";
import { dayAndTime, millisecondsOf, offset, zone } from "../clock.js";
import { parsed } from "../verify/json.js";
import { alert, button, icon, make, plainly } from "./dom.js";
import { plain } from "./payload.js";
import { label } from "./reading.js";
import { choiceWords, decimal, minorDigits, rawText } from "./values.js";
import { say, tell } from "./words.js";

/** What was typed does not fit: where, and why in words. */
export class Wrong extends Error {
  constructor(input, words) {
    super(words);
    this.input = input;
  }
}

/**
 * The fields of a message or part. What does not fit is told to `wrong`, and left out of what `read` gives.
 * @param {object} here @param {string} name of the shape
 * @param {{path: string, needed: boolean, root: HTMLElement, wrong: (one: Wrong) => void, sender?: string,
 *   only?: string[], offers?: Record<string, Record<string, string>>, given?: Map<string, unknown>,
 *   currency?: string}} place `only` these fields; `offers` are values with their words from which one is chosen; `given`
 *   is what stands in the fields beforehand, its money in minor units of `currency`
 * @returns {{element: HTMLElement, read: () => object}}
 */
export function structure(here, name, place) {
  const shape = here.shapes[name];
  const fields = shape.fields.filter((field) => !place.only || place.only.includes(field.name));
  const made = fields.map((field) => [field, entry(here, name, field, place)]);
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
  const isSender = place.sender === field.name;
  const given = place.given?.get(field.name);
  const within = { ...place, path, needed, given, sender: undefined, only: undefined, isSender };
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
  const mayBeEmpty = here.shapes[field.parts[0]].fields.every((one) => !one.needed);
  const element = mayBeEmpty
    ? make("details", { class: "whole" }, make("summary", {}, words, " ", optional(here, {})), inner.element)
    : group(here, field, words, inner.element);
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
  const add = (given) => {
    count += 1;
    const inner = structure(here, field.parts[0], { ...place, given, path: `${place.path}.${count}` });
    const one = { inner };
    const drop = button("small", tell(here, "drop_entry"), () => {
      entries.splice(entries.indexOf(one), 1);
      one.element.remove();
      more.focus();
    });
    const looks = { class: "entry", role: "group", "aria-label": `${words} ${count}` };
    one.element = make("div", looks, inner.element, drop);
    entries.push(one);
    list.append(one.element);
    return one;
  };
  const begin = () => add(undefined).element.querySelector("input, select, textarea")?.focus();
  const named = { "aria-label": `${tell(here, "add_entry")}: ${words}` };
  const more = button("small", tell(here, "add_entry"), begin, named);
  if (place.given?.length) {
    place.given.forEach((one) => add(one));
  } else if (field.needed) {
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
      place.wrong(new Wrong(boxes[0], tell(here, "needed")));
    }
    return chosen().length || field.needed ? chosen() : undefined;
  };
  return { element, read, isEmpty: () => !chosen().length };
}

function scalar(here, field, words, place) {
  const id = `f-${place.path}`;
  const input = inputOf(here, field, id, place);
  if (place.given !== undefined && place.given !== null) {
    input.value = typed(here, field, place.given, place);
  }
  const told = hint(here, field, place);
  if (told) {
    input.setAttribute("aria-describedby", `${id}-hint`);
  }
  const isFilled = Boolean(input.dataset.before || (field.choices && field.default));
  const under = told && make("p", { class: "hint", id: `${id}-hint` }, told);
  const kind = input.localName === "textarea" ? "field whole" : field.kind === "party" ? "field wide" : "field";
  const element = make("div", { class: kind },
    make("label", { for: id }, words, " ", !isFilled && optional(here, field)), under, input);
  if (under && field.kind === "party" && !field.many) {
    nameUnder(input, under, told);
  }
  const read = () => {
    try {
      return valueIn(here, field, input, place);
    } catch (error) {
      if (!(error instanceof Wrong)) {
        throw error;
      }
      return place.wrong(error);
    }
  };
  return { element, read, isEmpty: () => !input.value.trim() || input.value === input.dataset.before };
}

function valueIn(here, field, input, place) {
  const text = input.value.trim();
  if (text) {
    return field.many ? lines(here, field, input, text) : valueOf(here, field, input, text, place);
  }
  if (field.needed) {
    throw new Wrong(input, tell(here, "needed"));
  }
  return undefined;
}

/** A value as somebody would type it. @param {unknown} value as `plain` makes it @returns {string} */
function typed(here, field, value, place) {
  if (Array.isArray(value) && field.kind !== "raw") {
    return value.map((one) => typed(here, field, one, place)).join("\n");
  }
  switch (field.kind) {
    case "money": return decimal(value, hasCurrency(here, place) ? minorDigits(here, place.currency) : 0);
    case "price": case "fraction": return decimal(value, 5, 2);
    case "instant": return instantText(Number(value));
    case "duration": return String(value / 60_000n);
    case "raw": return rawText(value);
    default: return String(value);
  }
}

/** By the page's clock; by that of UTC where the page's would be read as another instant, as once in autumn. */
function instantText(ms) {
  const shown = dayAndTime(ms);
  return millisecondsOf(shown) === ms ? shown : new Date(ms).toISOString().replace("T", " ").replace(".000Z", "Z");
}

/** Whose identifier it is, in the place of the hint, as soon as it is one that the page knows. */
function nameUnder(input, under, told) {
  const show = () => {
    const known = [...(input.list?.options ?? input.options ?? [])].find((one) => one.value === input.value);
    under.textContent = known?.text && known.text !== known.value ? plainly(known.text) : told;
    under.classList.toggle("known", under.textContent !== told);
  };
  input.addEventListener("input", show);
  queueMicrotask(show); // only what stands in the page finds its list
}

/** What does not fit, at its field each; the first is where one goes on. */
export function tellWrongs(here, wrongs, status) {
  wrongs.forEach(mark);
  status.replaceChildren(alert("bad", tell(here, "wrong_fields", { n: wrongs.length })));
  wrongs[0].input.focus();
}

/** Tells at a field what is wrong with it, until something else is typed. @param {Wrong} wrong */
function mark({ input, message }) {
  const field = input.closest(".field, fieldset");
  const id = `${input.id || input.name}-wrong`;
  const before = input.getAttribute("aria-describedby") ?? "";
  const why = make("p", { class: "why", id }, icon("bad"), message);
  for (let fold = input.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
  field.classList.add("wrong");
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", `${before} ${id}`.trim());
  field.append(why);
  const clear = () => {
    field.removeEventListener("input", clear);
    field.removeEventListener("unmark", clear);
    field.classList.remove("wrong");
    input.removeAttribute("aria-invalid");
    input.setAttribute("aria-describedby", before);
    why.remove();
  };
  field.addEventListener("input", clear);
  field.addEventListener("unmark", clear);
}

/** Takes back what was told at the fields of a form. @param {HTMLElement} form */
export function unmark(form) {
  form.querySelectorAll(".wrong").forEach((field) => field.dispatchEvent(new Event("unmark")));
}

const group = (here, field, words, ...inner) =>
  make("fieldset", { class: "whole" }, make("legend", {}, words, " ", optional(here, field)), inner);

const optional = (here, field) => (field.needed ? null : make("span", { class: "optional" }, tell(here, "optional")));

function inputOf(here, field, id, place) {
  const given = { id, name: place.path, required: place.needed, autocomplete: "off", spellcheck: "false" };
  if (field.many || field.kind === "raw") {
    return make("textarea", { ...given, rows: 3, class: field.kind === "raw" ? "json" : null });
  }
  const offered = place.offers?.[field.name];
  if (offered) {
    const options = Object.entries(offered).map(([value, text]) => make("option", { value }, plainly(text)));
    return make("select", { id, name: place.path }, options);
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
    return dayAndTime(Math.floor(Date.now() / 1000) * 1000);
  }
  const isPlain = ["text", "whole", "currency"].includes(field.kind);
  return isPlain ? String(field.default ?? "") : "";
}

function looks(field) {
  switch (field.kind) {
    case "party": return { list: "known-parties" };
    case "day": return { type: "date" };
    case "instant": return { inputmode: "numeric", maxlength: 23 };
    case "country": case "currency": return { maxlength: field.kind === "country" ? 2 : 3 };
    case "money": case "price": case "fraction": return { inputmode: "decimal" };
    case "grams": case "whole": case "duration": return { inputmode: "numeric" };
    default: return field.most && field.most < 100_000 ? { maxlength: field.most } : {};
  }
}

function hint(here, field, place) {
  if (place.offers?.[field.name]) {
    return undefined;
  }
  if (field.many) {
    return tell(here, field.kind === "raw" ? "hint_raw" : "hint_lines");
  }
  if (field.kind === "money") {
    return tell(here, hasCurrency(here, place) ? "hint_money" : "hint_minor");
  }
  if (field.kind === "instant" && zone !== "UTC") {
    return tell(here, "hint_instant_here", { zone, offset: offset() });
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
    case "duration": return scaled(here, field, input, text, 0, 60_000n);
    case "instant": return instant(here, input, text);
    case "raw": return parsedJson(here, input, text);
    case "country": case "currency": return text.toUpperCase();
    default: return fitting(here, field, input, text);
  }
}

function moneyDigits(here, { root }) {
  const currency = root.querySelector("[name=currency]")?.value.trim().toUpperCase();
  return hasCurrency(here, { root }) ? minorDigits(here, currency) : 0;
}

/** Exact: a number of 2^53 and more is a BigInt. @param {bigint} whole */
const exact = (whole) => (Number.isSafeInteger(Number(whole)) ? Number(whole) : whole);

/** A decimal number as a whole one of its smallest unit. @param {bigint} [times] how many of the field's unit it is */
function scaled(here, field, input, text, digits, times = 1n) {
  const found = /^(-?)(\d[\d,\s]*)(?:\.(\d+))?$/.exec(text);
  const back = found?.[3] ?? "";
  if (!found || back.length > digits) {
    throw new Wrong(input, tell(here, digits ? "wrong_decimal" : "wrong_whole", { digits }));
  }
  const number = BigInt(`${found[1]}${found[2].replace(/[,\s]/g, "")}${back.padEnd(digits, "0")}`) * times;
  if (number < (field.least ?? number) || number > (field.most ?? number)) {
    throw new Wrong(input, range(here, field, digits, times));
  }
  return exact(number);
}

function range(here, { least, most }, digits, times) {
  const told = (limit) => limit !== undefined && decimal(BigInt(limit) / times, digits, 0);
  const words = least === undefined ? "wrong_most" : most === undefined ? "wrong_least" : "wrong_range";
  return tell(here, words, { least: told(least), most: told(most) });
}

/** Milliseconds of UTC, of a day and a time of day that the page's clock shows. */
function instant(here, input, text) {
  const ms = millisecondsOf(text);
  if (ms === undefined) {
    throw new Wrong(input, tell(here, "wrong_instant"));
  }
  return ms;
}

function fitting(here, field, input, text) {
  if (field.pattern && !new RegExp(`^(?:${field.pattern})$`).test(text)) {
    throw new Wrong(input, tell(here, "wrong_form"));
  }
  return text;
}

function parsedJson(here, input, text) {
  try {
    return plain(parsed(text));
  } catch (error) {
    if (!(error instanceof Unfit)) {
      throw error;
    }
    throw new Wrong(input, tell(here, "wrong_json"));
  }
}
