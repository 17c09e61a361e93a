/** Bytes: their spellings, and what is compared and counted of them. Everything here is exact or throws `Unfit`. */

import { SHORT_BYTES, sha256OfShort } from "./hashing.js";

/** What was found is not what it should be: a key under `verify_why` in the catalogue, and its sentence's fields. */
export class Unfit extends Error {
  /** @param {string} why @param {Record<string, unknown>} [fields] */
  constructor(why, fields = {}) {
    super(why);
    this.why = why;
    this.fields = fields;
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Int16Array(128).fill(-1);
for (let value = 0; value < 64; value += 1) {
  VALUES[LETTERS.charCodeAt(value)] = value;
}

/** @param {string} text @returns {Uint8Array} */
export const utf8 = (text) => encoder.encode(text);

/** The text of UTF-8 bytes; a mark at the front stays. @param {Uint8Array} raw @returns {string} */
export function textOf(raw) {
  try {
    return strict.decode(raw);
  } catch {
    throw new Unfit("not_utf8");
  }
}

/** @param {Uint8Array} one @param {Uint8Array} other @returns {boolean} */
export function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** SHA-256. @param {...Uint8Array} parts @returns {Promise<Uint8Array>} */
export async function sha256(...parts) {
  if (parts.reduce((sum, part) => sum + part.length, 0) <= SHORT_BYTES) {
    return sha256OfShort(parts);
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", parts.length === 1 ? parts[0] : joined(...parts)));
}

/** @param {Uint8Array} raw @returns {string} lower case */
export const hex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Bytes of hexadecimal digits; spaces may stand between pairs. @param {string} text @returns {Uint8Array} */
export function fromHex(text) {
  const digits = text.replace(/[ \t\n\r\v\f]+/g, " ").trim().split(" ");
  if (!digits.every((run) => /^(?:[0-9a-fA-F]{2})*$/.test(run))) {
    throw new Unfit("not_hex");
  }
  return Uint8Array.from(digits.join("").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes of padded base64; spare bits of the last letter count for nothing. @param {string} text */
export function fromBase64(text) {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (text.length % 4) {
    throw new Unfit("not_base64");
  }
  return unpacked(text, text.length - padding);
}

/** As `fromBase64`, and it is the one spelling that an encoder gives. @param {string} text */
export function fromExactBase64(text) {
  const raw = fromBase64(text);
  if (toBase64(raw) !== text) {
    throw new Unfit("not_base64");
  }
  return raw;
}

/** Bytes of base64url without padding, in its one spelling (RFC 7515, section 2). @param {string} text */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new Unfit("not_base64url");
  }
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  const raw = unpacked(plain, plain.length);
  if (toBase64(raw).replace(/=+$/, "") !== plain) {
    throw new Unfit("not_base64url");
  }
  return raw;
}

/** @param {Uint8Array} raw @returns {string} padded */
export function toBase64(raw) {
  let text = "";
  for (let at = 0; at < raw.length; at += 3) {
    const group = (raw[at] << 16) | ((raw[at + 1] ?? 0) << 8) | (raw[at + 2] ?? 0);
    text += LETTERS[group >> 18] + LETTERS[(group >> 12) & 63];
    text += at + 1 < raw.length ? LETTERS[(group >> 6) & 63] : "=";
    text += at + 2 < raw.length ? LETTERS[group & 63] : "=";
  }
  return text;
}

function unpacked(text, end) {
  const raw = new Uint8Array((end * 3) >> 2);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let place = 0; place < end; place += 1) {
    const code = text.charCodeAt(place);
    const value = code < 128 ? VALUES[code] : -1;
    if (value < 0) {
      throw new Unfit("not_base64");
    }
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      raw[at] = (held >> bits) & 0xff;
      at += 1;
    }
  }
  return raw;
}
