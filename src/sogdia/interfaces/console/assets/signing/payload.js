/**
 * What the bytes say that are about to be signed. Strict: what two readers could read in two ways is not signed at
 * all. So there are no equal names in one object, and whole numbers keep every digit.
 */

import { Unfit, fromBase64url, hex, sha256, textOf } from "../verify/bytes.js";
import { parsed } from "../verify/json.js";
import { Numeral, Pairs, Text } from "../verify/json_parts.js";

/** A number that is not whole, as it stands. */
export class Digits {
  constructor(text) {
    this.text = text;
  }
}

/**
 * @param {string} payload base64url, exactly as it is signed
 * @returns {Promise<{id: string, network: unknown, validUntil: unknown, messages: Map<string, unknown>[],
 *   rest: [string, unknown][]}>}
 */
export async function readPayload(payload) {
  const raw = fromBase64url(payload);
  textOf(raw);
  const found = plain(parsed(raw));
  const messages = found instanceof Map ? found.get("messages") : undefined;
  if (!Array.isArray(messages) || !messages.length || !messages.every((one) => one instanceof Map)) {
    throw new Unfit("not_a_payload");
  }
  const known = ["network", "valid_until_ms", "nonce", "messages"];
  return {
    id: hex(await sha256(raw)),
    network: found.get("network"),
    validUntil: found.get("valid_until_ms"),
    messages,
    rest: [...found].filter(([name]) => !known.includes(name)),
  };
}

/** What `parsed` found, as values: objects are maps, whole numbers BigInts. An object with a name twice is refused. */
export function plain(value) {
  if (value instanceof Text) {
    return value.said;
  }
  if (value instanceof Numeral) {
    return value.isWhole ? BigInt(value.digits) : new Digits(value.digits);
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (!(value instanceof Pairs)) {
    return value;
  }
  const found = new Map();
  for (const [name, inner] of value.list) {
    const told = name.said;
    if (found.has(told)) {
      throw new Unfit("name_twice");
    }
    found.set(told, plain(inner));
  }
  return found;
}
