/** Strings, numbers and objects as they stand in JSON; what they say is worked out when it is asked for. */

import { Unfit, textOf } from "./bytes.js";

const MAX_DIGITS = 4300;
export const SHORT = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** A string between its quotes. */
export class Text {
  constructor(raw, from, to, isPlain) {
    this.spot = { raw, from, to, isPlain };
  }

  /** @returns {string} what it says; `Unfit` when it is no text */
  get said() {
    const { raw, from, to, isPlain } = this.spot;
    const found = textOf(raw.subarray(from, to));
    return isPlain ? found : unescaped(found);
  }
}

/** A number by its digits. */
export class Numeral {
  constructor(digits, isWhole) {
    this.digits = digits;
    this.isWhole = isWhole;
  }

  /** @returns {bigint | number} exact when whole */
  get value() {
    if (this.isWhole) {
      if (this.digits.length > MAX_DIGITS) {
        throw new Unfit("number_range");
      }
      return BigInt(this.digits);
    }
    const found = Number(this.digits);
    if (!Number.isFinite(found)) {
      throw new Unfit("number_range");
    }
    return found;
  }
}

/** Names and values in the order in which they stand. */
export class Pairs {
  /** @param {[Text, unknown][]} list */
  constructor(list) {
    this.list = list;
  }
}

function unescaped(text) {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code, letter) =>
    code === undefined ? SHORT[letter] : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
