/**
 * JSON as it stands in the bytes, nothing decided yet: numbers keep their digits, strings are decoded when they are
 * asked for. `JSON.parse` would round large numbers, take 1.0 for 1, and hide which of two equal names came last.
 */

import { Unfit, utf8 } from "./bytes.js";
import { Numeral, Pairs, SHORT, Text } from "./json_parts.js";

const MAX_DEPTH = 900;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
const SPACES = new Set([9, 10, 13, 32]);
const latin = new TextDecoder("latin1");

/** @param {Uint8Array | string} given @returns {unknown} null, boolean, Text, Numeral, Pairs or a list */
export function parsed(given) {
  const reader = new Reader(typeof given === "string" ? utf8(given) : given);
  const found = reader.value(0);
  if (reader.next() !== undefined) {
    reader.wrong();
  }
  return found;
}

class Reader {
  constructor(raw) {
    this.raw = raw;
    this.at = 0;
  }

  wrong() {
    throw new Unfit(this.at < this.raw.length ? "json" : "json_cut", { place: this.at });
  }

  /** The next byte that is no space, undefined at the end. */
  next() {
    while (SPACES.has(this.raw[this.at])) {
      this.at += 1;
    }
    return this.raw[this.at];
  }

  value(depth) {
    const byte = this.next();
    if (depth > MAX_DEPTH) {
      throw new Unfit("json_deep", { most: MAX_DEPTH });
    }
    switch (byte) {
      case 34: return this.text();
      case 123: return new Pairs(this.listed(125, () => this.pair(depth + 1)));
      case 91: return this.listed(93, () => this.value(depth + 1));
      case 116: return this.word("true", true);
      case 102: return this.word("false", false);
      case 110: return this.word("null", null);
      default: return this.number();
    }
  }

  listed(end, one) {
    const found = [];
    this.at += 1;
    if (this.next() === end) {
      this.at += 1;
      return found;
    }
    for (;;) {
      found.push(one());
      const byte = this.next();
      this.at += 1;
      if (byte === end) {
        return found;
      }
      if (byte !== 44) {
        this.wrong();
      }
    }
  }

  pair(depth) {
    if (this.next() !== 34) {
      this.wrong();
    }
    const name = this.text();
    if (this.next() !== 58) {
      this.wrong();
    }
    this.at += 1;
    return [name, this.value(depth)];
  }

  text() {
    const { raw } = this;
    const from = this.at + 1;
    let isPlain = true;
    for (this.at = from; raw[this.at] !== 34; this.at += 1) {
      if (raw[this.at] === 92) {
        isPlain = false;
        this.escape();
      } else if (!(raw[this.at] >= 32)) {
        this.wrong();
      }
    }
    this.at += 1;
    return new Text(raw, from, this.at - 1, isPlain);
  }

  escape() {
    this.at += 1;
    const letter = String.fromCharCode(this.raw[this.at]);
    if (letter !== "u") {
      return letter in SHORT || this.wrong();
    }
    const unit = this.unit();
    const isHigh = unit >= 0xd800 && unit < 0xdc00;
    if (isHigh && this.raw[this.at + 1] === 92 && this.raw[this.at + 2] === 117) {
      this.at += 2;
      const low = this.unit();
      return (low >= 0xdc00 && low < 0xe000) || this.wrong();
    }
    return unit < 0xd800 || unit > 0xdfff || this.wrong();
  }

  /** Four hexadecimal digits behind the letter u. */
  unit() {
    const digits = latin.decode(this.raw.subarray(this.at + 1, this.at + 5));
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.wrong();
    }
    this.at += 4;
    return Number.parseInt(digits, 16);
  }

  word(letters, value) {
    if (latin.decode(this.raw.subarray(this.at, this.at + letters.length)) !== letters) {
      this.wrong();
    }
    this.at += letters.length;
    return value;
  }

  number() {
    const from = this.at;
    while (this.raw[this.at] < 128 && "+-.0123456789eE".includes(String.fromCharCode(this.raw[this.at]))) {
      this.at += 1;
    }
    const digits = latin.decode(this.raw.subarray(from, this.at));
    const found = NUMBER.exec(digits) ?? this.wrong();
    return new Numeral(digits, found[1] === undefined && found[2] === undefined);
  }
}
