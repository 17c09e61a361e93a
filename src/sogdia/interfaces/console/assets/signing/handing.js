/**
 * A transaction on its way from one who signs to the next. The file is the transaction itself, a JWS in General JSON
 * form with fewer signatures than the rules ask for. It holds no secret, and whoever changes a byte breaks it.
 */

import { Unfit, fromBase64url, fromHex, textOf, utf8 } from "../verify/bytes.js";
import { isSigned } from "../verify/ed25519.js";
import { parsed } from "../verify/json.js";
import { plain, readPayload } from "./payload.js";

const LIMIT_BYTES = 512 * 1024;
const SIGNATURES_LIMIT = 10;

/** What was opened cannot go on: a name of the catalogue under `console_signing`, and its sentence's fields. */
export class Stuck extends Error {
  constructor(why, fields = {}) {
    super(why);
    this.fields = fields;
  }
}

/**
 * What stands in a handed file; nothing of it is believed yet.
 * @param {string} text
 * @returns {Promise<{payload: string, said: object, before: {protected: string, signature: string, kid: string}[]}>}
 */
export async function readHanded(text) {
  const raw = utf8(text.trim());
  if (raw.length > LIMIT_BYTES) {
    throw new Stuck("handed_large", { limit: LIMIT_BYTES / 1024 });
  }
  const found = within(() => plain(parsed(raw)), "handed_no_json");
  const isOne = found instanceof Map && typeof found.get("payload") === "string" && found.size === 2
    && Array.isArray(found.get("signatures"));
  if (!isOne) {
    throw new Stuck("handed_other");
  }
  const before = found.get("signatures").map(readSignature);
  if (!before.length || before.length > SIGNATURES_LIMIT) {
    throw new Stuck("handed_number", { n: before.length, limit: SIGNATURES_LIMIT });
  }
  const twice = before.find((one, at) => before.findIndex((other) => other.kid === one.kid) !== at);
  if (twice) {
    throw new Stuck("handed_twice", { key: twice.kid });
  }
  try {
    return { payload: found.get("payload"), said: await readPayload(found.get("payload")), before };
  } catch (error) {
    throw error instanceof Unfit ? new Stuck("handed_payload") : error;
  }
}

function readSignature(given, at) {
  const [header, signature] = given instanceof Map && given.size === 2
    ? [given.get("protected"), given.get("signature")] : [];
  const n = at + 1;
  if (typeof header !== "string" || typeof signature !== "string") {
    throw new Stuck("handed_signature_form", { n });
  }
  const said = within(() => plain(parsed(textOf(fromBase64url(header)))), "handed_signature_form", { n });
  within(() => fromBase64url(signature), "handed_signature_form", { n });
  if (!(said instanceof Map) || said.size !== 2 || said.get("alg") !== "EdDSA" || typeof said.get("kid") !== "string") {
    throw new Stuck("handed_signature_form", { n });
  }
  return { protected: header, signature, kid: said.get("kid") };
}

function within(read, why, fields) {
  try {
    return read();
  } catch (error) {
    throw error instanceof Unfit ? new Stuck(why, fields) : error;
  }
}

/**
 * Checks what this browser can check by itself, and every signature with the key that is on record or that the message
 * brings along. Throws `Stuck` at the first that is wrong.
 * @param {object} here @param {object} handed as `readHanded` gives it @param {{keys?: object[], now_ms: number}} told
 */
export async function checkHanded(here, handed, told) {
  const { said, before, payload } = handed;
  if (said.network !== here.network) {
    throw new Stuck("handed_network", { found: String(said.network), expected: here.network });
  }
  const onRecord = new Map((told.keys ?? []).map((key) => [key.id, key]));
  for (const one of before) {
    const key = onRecord.get(one.kid) ?? introduced(said.messages, one.kid);
    if (!key) {
      throw new Stuck("handed_foreign", { key: one.kid });
    }
    const raw = fromBase64url(one.signature);
    if (!(await isSigned(fromHex(key.public), utf8(`${one.protected}.${payload}`), raw))) {
      throw new Stuck("handed_broken", { key: one.kid });
    }
    if (key.retired_height) {
      throw new Stuck("handed_retired", { key: one.kid, height: key.retired_height });
    }
  }
  if (typeof said.validUntil !== "bigint" || said.validUntil < BigInt(told.now_ms)) {
    throw new Stuck("handed_expired", { until: said.validUntil });
  }
}

/** The key that a message itself puts on record under this id: a newcomer's, or one that takes a lost one's place. */
export function introduced(messages, kid) {
  for (const message of messages) {
    const brought = { "identity.register": message.get("keys"), "identity.recover": [message.get("key")],
      "governance.apply": message.get("organisation")?.get?.("keys") }[message.get("type")];
    const found = (brought ?? []).find((key) => key instanceof Map && key.get("id") === kid);
    if (found && kid.startsWith(`${message.get("party")}#`) && /^[0-9a-f]{64}$/.test(found.get("public"))) {
      return { id: kid, public: found.get("public") };
    }
  }
  return undefined;
}

/** Whether this key may sign these messages: in force, or for recovery by it, or brought along by one of them. */
export function mayServe(here, messages, one) {
  const known = here.keys.find((key) => key.id === one.kid);
  if (!known) {
    return introduced(messages, one.kid)?.public === one.public;
  }
  const recovers = messages.some((message) => message.get("recovery_key") === one.kid);
  return !known.retired_height && known.public === one.public && (known.purpose === "sign" || recovers);
}

/**
 * Who signs here now, and who is still missing then.
 * @param {object} here @param {{needs?: object[], helps?: boolean, before?: object[]}} row
 * @param {object | undefined} general the key with which the party signs, where any of its keys will do
 * @param {object[]} keys all keys of this browser that may serve
 */
export function planned(here, row, general, keys) {
  const now = [];
  const missing = [];
  const isOwn = (need) => !need.key && need.party === here.party?.did;
  for (const need of row.needs ?? []) {
    const key = keys.find((one) => one.kid === need.key);
    if (key) {
      now.push(key);
    } else {
      missing.push(need);
    }
  }
  if (row.helps && general) {
    const place = missing.findIndex(isOwn);
    if (row.before) {
      missing.splice(place < 0 ? missing.findIndex((need) => !need.key) : place, 1);
    }
    now.unshift(general);
  }
  return { now, missing };
}
