/**
 * THE signature rule, as `sogdia.core.keys` has it: Ed25519 as libsodium verifies it. Browsers follow RFC 8032, which
 * leaves odd signatures open. So what libsodium refuses is refused before the browser is asked, and a browser that
 * answers the frozen edge cases otherwise is not used at all.
 */

import { Unfit, fromHex, utf8 } from "./bytes.js";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN = 2n ** 255n;
const ORDER_EIGHT = 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The y of the points whose order divides eight; either sign. */
const SMALL_ORDER = new Set([0n, 1n, P - 1n, ORDER_EIGHT, P - ORDER_EIGHT]);

/** Public key, message, signature, verdict: those of `sogdia.core.keys`. */
export const RULE = [
  [
    "ff6f43ab4e72e31b78049fcc5f97455becdd0ea428c1fd6c7a0fc66e991c7cb9", "message 2",
    "b31b20f50426242514d81b383548bd90de72fd0b8cf2382a88f9f52ce5076b23"
    + "0b694ad0cb025126a0a4ae3f8f9b385348efce5fe402fe8c9eda05ef6b257406", true,
  ], // an ordinary signature
  [
    "bf0897a61d855442ee8ea10d40d5e4295cf6a0f9a153daecf3f162db13f2950a", "message 1",
    "186ed2bdbd1a36f6437c5168b0221914018ea4f32a1c3fcd1c1794d64fbd596e"
    + "63693d0bb431ba12df2ca3e137672037905914536b3e69babf697494df13990f", false,
  ], // holds only times the cofactor
  [
    "ff6f43ab4e72e31b78049fcc5f97455becdd0ea428c1fd6c7a0fc66e991c7cb9", "message 2",
    "b31b20f50426242514d81b383548bd90de72fd0b8cf2382a88f9f52ce5076b23"
    + "f83c402de665637e7641a6e26d95176848efce5fe402fe8c9eda05ef6b257416", false,
  ], // S above the group order
  [
    "0100000000000000000000000000000000000000000000000000000000000080", "message 29",
    "b31b20f50426242514d81b383548bd90de72fd0b8cf2382a88f9f52ce5076b23"
    + "e878dca548664051e5e695d8c157b538a506f9a3dd9f0e9cfed7f4de62238207", false,
  ], // small-order key, not canonical
  [
    "ff6f43ab4e72e31b78049fcc5f97455becdd0ea428c1fd6c7a0fc66e991c7cb9", "message 0",
    "0100000000000000000000000000000000000000000000000000000000000000"
    + "c0adccffacdc0397370fd6f520e65cc2afeaa43ce57570cb205ce6f8d5200f04", false,
  ], // R is the neutral point
];

const keys = new Map();
const MAX_KEYS = 1000;

/**
 * Whether the signature is good. Never throws on bytes.
 * @param {Uint8Array} publicKey @param {Uint8Array} message @param {Uint8Array} signature @returns {Promise<boolean>}
 */
export async function isSigned(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64 || little(signature.subarray(32)) >= L) {
    return false;
  }
  if (!isFitPoint(publicKey) || !isFitPoint(signature.subarray(0, 32))) {
    return false;
  }
  try {
    return await crypto.subtle.verify("Ed25519", await keyOf(publicKey), signature, message);
  } catch {
    return false; // the key is no point
  }
}

/** Throws `Unfit` unless this browser follows the rule. */
export async function checkRule() {
  if (!globalThis.crypto?.subtle) {
    throw new Unfit("no_crypto");
  }
  for (const [publicKey, message, signature, verdict] of RULE) {
    if ((await isSigned(fromHex(publicKey), utf8(message), fromHex(signature))) !== verdict) {
      throw new Unfit(verdict ? "no_ed25519" : "other_rule");
    }
  }
}

/** Spelt in its one way, and not of small order. */
function isFitPoint(encoded) {
  const y = little(encoded) % SIGN;
  return y < P && !SMALL_ORDER.has(y);
}

function little(raw) {
  let number = 0n;
  for (let at = raw.length - 1; at >= 0; at -= 1) {
    number = (number << 8n) | BigInt(raw[at]);
  }
  return number;
}

async function keyOf(publicKey) {
  const name = String.fromCharCode(...publicKey);
  if (!keys.has(name)) {
    if (keys.size >= MAX_KEYS) {
      keys.clear();
    }
    keys.set(name, await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]));
  }
  return keys.get(name);
}
