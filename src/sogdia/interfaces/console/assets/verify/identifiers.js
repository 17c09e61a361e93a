/** Identifiers of parties (did:bid): the end of one is made of the party's first key. As `sogdia.core.keys`. */

import { sha256 } from "./bytes.js";

/** Of the Xinghuo network, which swaps b and B, u and U. */
const LETTERS = "123456789AbCDEFGHJKLMNPQRSTuVWXYZaBcdefghijkmnopqrstUvwxyz";
const BODY_BYTES = 22;

/** The end of the identifier that an Ed25519 key gives. @param {Uint8Array} key @returns {Promise<string>} */
export async function endOf(key) {
  const body = (await sha256(key)).slice(-BODY_BYTES);
  let left = body.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  for (; left; left /= 58n) {
    text = LETTERS[Number(left % 58n)] + text;
  }
  const zeros = body.findIndex((byte) => byte !== 0);
  return LETTERS[0].repeat(zeros < 0 ? BODY_BYTES : zeros) + text;
}
