/** The evidence file: what stands in it, as `sogdia.client.evidence` reads it. */

import { Unfit, utf8 } from "./bytes.js";
import { parsed } from "./json.js";
import { refuseOthers } from "./kinds.js";
import { LIGHT_BLOCK } from "./light_blocks.js";
import { any, bytes, list, map, object, optional, or, text, whole } from "./shapes.js";
import { TRUSTED_FORMAT } from "./trusted.js";

export const FORMAT = "sogdia-evidence/1";
export const MAX_BYTES = 64 * 1024 * 1024;
const MAX_LIGHT_BLOCKS = 1000;
const MAX_SIGNATURES = 10;

const path = list(bytes());
const MEMBERSHIP = object({ key: bytes(), value: bytes(), path }, { tag: "membership" });
const ABSENCE = object(
  { key: bytes(), left: optional(MEMBERSHIP), right: optional(MEMBERSHIP) },
  { tag: "absence" },
);

const EVIDENCE = object({
  format: text(),
  network: text(),
  subject: map(text()),
  checkpoint: text(),
  earlier: optional(object({ checkpoint: text(), consistency: path })),
  transactions: list(object({ envelope: text(), receipt: text(), leaf: whole(), inclusion: path })),
  records: list(object({ table: text(), shown: any, proof: MEMBERSHIP })),
  absences: or(list(object({ table: text(), key: bytes(), proof: ABSENCE })), []),
  light: or(list(LIGHT_BLOCK, 0, MAX_LIGHT_BLOCKS), []),
});

const RECEIPT = object({
  network: text(),
  height: whole(),
  index: whole(),
  time_ms: whole(),
  transaction: text(),
  envelope: text(),
  code: whole(),
  fields: map(any),
  events: text(),
});

const ENVELOPE = object(
  {
    payload: text(),
    signatures: list(object({ protected: text(), signature: text() }, { closed: true }), 0, MAX_SIGNATURES),
  },
  { closed: true },
);

const SIGNED_HEADER = object({ alg: text(), kid: text() }, { closed: true });

/** Read first, so that another kind of file is called what it is. */
const OUTLINE = object({ format: or(text(), "") });

/** The evidence in these bytes; `Unfit` says what is wrong with them. @param {Uint8Array | string} raw */
export function readEvidence(raw) {
  const given = typeof raw === "string" ? utf8(raw) : raw;
  if (given.length > MAX_BYTES) {
    throw new Unfit("size", { found: given.length, most: MAX_BYTES });
  }
  refuseOthers(given);
  const standing = parsed(given);
  const { format } = OUTLINE(standing);
  if (format !== FORMAT) {
    throw new Unfit(format === TRUSTED_FORMAT ? "file_trusted" : "format", { found: format, expected: FORMAT });
  }
  return EVIDENCE(standing);
}

/** A receipt out of its bytes. @param {string} raw */
export const readReceipt = (raw) => RECEIPT(parsed(raw));

/** A transaction as it travelled. @param {string} raw */
export const readEnvelope = (raw) => ENVELOPE(parsed(raw));

/** What a signature is under: the scheme and the key. @param {Uint8Array} raw */
export const readHeader = (raw) => SIGNED_HEADER(parsed(raw));
