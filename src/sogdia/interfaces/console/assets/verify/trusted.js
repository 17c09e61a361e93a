/** The file that a person begins with: a header that is believed, and the validators of the height after it. */

import { Unfit, hex, same, utf8 } from "./bytes.js";
import { parsed } from "./json.js";
import { HEADER, VALIDATORS, headerHash, setHash } from "./light_blocks.js";
import { literal, object, text } from "./shapes.js";

export const TRUSTED_FORMAT = "sogdia-trusted/1";
export const MAX_TRUSTED_BYTES = 4 * 1024 * 1024;

const TRUSTED = object({
  format: literal(TRUSTED_FORMAT),
  network: text(1, 64),
  chain: text(),
  origin: text(),
  header: HEADER,
  next_validators: VALIDATORS,
});

/** The trusted header in these bytes, and its hash as nodes show it. @param {Uint8Array | string} raw */
export async function readTrusted(raw) {
  const given = typeof raw === "string" ? utf8(raw) : raw;
  if (given.length > MAX_TRUSTED_BYTES) {
    throw new Unfit("trusted_size", { most: MAX_TRUSTED_BYTES });
  }
  const found = TRUSTED(parsed(given));
  if (found.chain !== found.header.chain) {
    throw new Unfit("trusted_chain", { found: found.chain, expected: found.header.chain });
  }
  if (!same(await setHash(found.next_validators), found.header.next_validators_hash)) {
    throw new Unfit("trusted_set", { height: found.header.height + 1n });
  }
  return { ...found, fingerprint: hex(await headerHash(found.header)).toUpperCase() };
}
