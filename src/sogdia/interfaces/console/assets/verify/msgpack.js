/** MessagePack, as far as records have it: nil, booleans, numbers, text, bytes, lists and maps. */

import { Unfit, textOf } from "./bytes.js";

const MAX_DEPTH = 900;

/** @param {Uint8Array} raw @returns {unknown} whole numbers as bigint, maps as Map, bytes as Uint8Array */
export function unpacked(raw) {
  const reader = new Reader(raw);
  const found = reader.value(0);
  if (reader.at !== raw.length) {
    throw new Unfit("record_form");
  }
  return found;
}

class Reader {
  constructor(raw) {
    this.raw = raw;
    this.view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    this.at = 0;
  }

  take(count) {
    const from = this.at;
    if (from + count > this.raw.length) {
      throw new Unfit("record_form");
    }
    this.at += count;
    return from;
  }

  value(depth) {
    const code = this.raw[this.take(1)];
    if (depth > MAX_DEPTH) {
      throw new Unfit("record_form");
    }
    if (code < 0x80) {
      return BigInt(code);
    }
    if (code < 0x90) {
      return this.map(code & 15, depth + 1);
    }
    if (code < 0xa0) {
      return this.list(code & 15, depth + 1);
    }
    if (code < 0xc0) {
      return textOf(this.bytes(code & 31));
    }
    return code >= 0xe0 ? BigInt(code - 256) : this.marked(code, depth);
  }

  marked(code, depth) {
    const { view } = this;
    switch (code) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: case 0xc5: case 0xc6: return this.bytes(this.size(code - 0xc4)).slice();
      case 0xca: return view.getFloat32(this.take(4));
      case 0xcb: return view.getFloat64(this.take(8));
      case 0xcc: case 0xcd: case 0xce: return BigInt(this.size(code - 0xcc));
      case 0xcf: return view.getBigUint64(this.take(8));
      case 0xd0: return BigInt(view.getInt8(this.take(1)));
      case 0xd1: return BigInt(view.getInt16(this.take(2)));
      case 0xd2: return BigInt(view.getInt32(this.take(4)));
      case 0xd3: return view.getBigInt64(this.take(8));
      case 0xd9: case 0xda: case 0xdb: return textOf(this.bytes(this.size(code - 0xd9)));
      case 0xdc: case 0xdd: return this.list(this.size(code - 0xdb), depth + 1);
      case 0xde: case 0xdf: return this.map(this.size(code - 0xdd), depth + 1);
      default: throw new Unfit("record_form");
    }
  }

  /** A count in one, two or four bytes. */
  size(power) {
    const { view } = this;
    const at = this.take(1 << power);
    return power === 0 ? view.getUint8(at) : power === 1 ? view.getUint16(at) : view.getUint32(at);
  }

  bytes(count) {
    const from = this.take(count);
    return this.raw.subarray(from, from + count);
  }

  list(count, depth) {
    const found = [];
    for (let at = 0; at < count; at += 1) {
      found.push(this.value(depth));
    }
    return found;
  }

  map(count, depth) {
    const found = new Map();
    for (let at = 0; at < count; at += 1) {
      const name = this.value(depth);
      if (typeof name !== "string") {
        throw new Unfit("record_form");
      }
      found.set(name, this.value(depth));
    }
    return found;
  }
}
