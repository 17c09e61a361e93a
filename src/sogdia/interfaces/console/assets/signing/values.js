/** One value as people read it, by its kind. Whatever is not of its kind is shown as it stands. */

import { inZoneAndUtc } from "../clock.js";
import { make, plainly, said } from "./dom.js";
import { Digits } from "./payload.js";
import { say } from "./words.js";

const LAST_MS = 8_640_000_000_000_000n;
const E5 = 5;

/** @param {bigint} whole @param {number} digits @param {number} [least] decimals that stay though they are zero */
export function decimal(whole, digits, least = digits) {
  const sign = whole < 0n ? "-" : "";
  const text = (whole < 0n ? -whole : whole).toString().padStart(digits + 1, "0");
  const point = text.length - digits;
  const front = text.slice(0, point).replace(/\B(?=(\d{3})+$)/g, ",");
  let back = text.slice(point);
  while (back.length > least && back.endsWith("0")) {
    back = back.slice(0, -1);
  }
  return sign + front + (back && `.${back}`);
}

export const minorDigits = (here, currency) => here.digits[currency] ?? 2;

/** How a value of each kind is told in text; undefined when it is none of its kind. */
const TEXTS = {
  party: (value, about) => about.names[value] ?? value,
  key: (value) => value,
  money: money,
  price: (value, about) => joined(decimal(whole(value), E5, 2), about.currency),
  fraction: (value) => decimal(whole(value), E5, 0),
  grams: (value) => (whole(value) < 1000n ? `${value} g` : `${decimal(whole(value), 3, 0)} kg`),
  whole: (value) => decimal(whole(value), 0),
  instant,
  duration,
  country: (value, { here }) => bracketed(regionOf(value, here.language), value),
  choice: (value, { here }) => choiceWords(here, value),
  unit: (value, { here }) => joined(value, say(here, `sign_unit.${value}`)),
  customs_code: customsCode,
};

/** One of several fixed values in words; roles have theirs already. */
export function choiceWords(here, value) {
  return say(here, `sign_choice.${value}`) ?? say(here, `console_role.${value}`) ?? value;
}

/** @param {unknown} value @param {string} kind @param {object} about here, names, currency @returns {string} */
export function textOf(value, kind, about) {
  try {
    const found = value === null || typeof value === "object" ? undefined : TEXTS[kind]?.(value, about);
    return plainly(found ?? rawText(value));
  } catch {
    return plainly(rawText(value));
  }
}

/** As `textOf`, as elements: a party is told by its name and its identifier. */
export function shown(value, kind, about) {
  if (kind === "party" && typeof value === "string" && about.names[value]) {
    const did = make("code", { class: "did" }, plainly(value));
    return make("span", { class: "who-is" }, said(about.names[value]), " ", did);
  }
  if (kind === "raw" || value instanceof Map || Array.isArray(value)) {
    const lines = rawText(value, 2).split("\n"); // of the layout: within a text JSON writes them as signs
    return make("pre", { class: "raw" }, lines.map(plainly).join("\n"));
  }
  const isCode = kind === "party" || kind === "key" || /^[0-9a-f]{32,}$/.test(String(value));
  return make(isCode ? "code" : "bdi", {}, textOf(value, kind, about));
}

/** JSON for people. @param {unknown} value @param {number} [indent] */
export function rawText(value, indent = 0) {
  if (typeof value === "string") {
    return indent ? JSON.stringify(value) : value;
  }
  return spelled(value, indent, "");
}

function spelled(value, indent, before) {
  const next = before + " ".repeat(indent);
  const [open, between, close] = indent ? [`\n${next}`, `,\n${next}`, `\n${before}`] : ["", ", ", ""];
  if (value instanceof Map) {
    const inner = [...value].map(([name, one]) => `${JSON.stringify(name)}: ${spelled(one, indent, next)}`);
    return inner.length ? `{${open}${inner.join(between)}${close}}` : "{}";
  }
  if (Array.isArray(value)) {
    return value.length ? `[${open}${value.map((one) => spelled(one, indent, next)).join(between)}${close}]` : "[]";
  }
  if (value instanceof Digits) {
    return value.text;
  }
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

function whole(value) {
  if (typeof value !== "bigint") {
    throw new TypeError("not whole");
  }
  return value;
}

/** Words with what they stand for; that alone where there are none. */
const bracketed = (words, value) => (words ? `${words} (${value})` : String(value));

const joined = (...parts) => parts.filter(Boolean).join(" ");

function money(value, { here, currency }) {
  if (!currency) {
    return joined(decimal(whole(value), 0), say(here, "sign_value.minor_units"));
  }
  return joined(decimal(whole(value), minorDigits(here, currency)), currency);
}

function instant(value, { here }) {
  const ms = whole(value);
  if (ms === 0n) {
    return say(here, "sign_value.no_instant");
  }
  if (ms > LAST_MS) {
    return undefined;
  }
  return inZoneAndUtc(Number(ms));
}

function duration(value, { here }) {
  const ms = whole(value);
  const [size, unit] = [[3_600_000n, "hours"], [60_000n, "minutes"], [1000n, "seconds"], [1n, "milliseconds"]]
    .find(([one]) => ms % one === 0n);
  return joined(decimal(ms / size, 0), say(here, `sign_value.${unit}`));
}

function regionOf(code, language) {
  try {
    const found = new Intl.DisplayNames([language], { type: "region" }).of(code);
    return found === code ? "" : found;
  } catch {
    return "";
  }
}

function customsCode(value, { here }) {
  const code = whole(value);
  const known = say(here, `customs_code.${code}`);
  return known ? `${known} (${code})` : say(here, code < 0n ? "customs_code.error" : "customs_code.unknown", { code });
}
