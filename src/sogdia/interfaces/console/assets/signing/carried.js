/**
 * Keys in files: what `sogdia console carry` writes, and a newcomer's backup, which holds several such keys and the
 * sealing key. Secrets are PKCS #8 under AES-GCM, the password through PBKDF2; no script ever sees one in clear.
 */

import { fromBase64url, fromHex, hex, same, utf8 } from "../verify/bytes.js";
import { endOf } from "../verify/identifiers.js";
import { base64url } from "./sending.js";

const SIGNING = "Ed25519";
const SEALING = "X25519";
const ONE = "sogdia.carried-key.1";
const SEVERAL = "sogdia.carried-keys.1";
const ITERATIONS = 1_000_000;
const KDF_LEAST = 600_000;
const KDF_MOST = 20_000_000;
export const PASSWORD_CHARS = 12;

/** Why a file of keys was not taken: a name of the catalogue under `console_signing`. */
export class NotTaken extends Error {}

/** The identifier of an Ed25519 key on a network (`sogdia.core.keys.identifier`). @param {string} code @param {Uint8Array} raw */
export const identifier = async (code, raw) => `did:bid:${code ? `${code}:` : ""}ef${await endOf(raw)}`;

/**
 * The keys that stand in a file. @param {string} text
 * @returns {{did: string, keys: object[], sealing?: object}}
 */
export function readCarried(text) {
  let kept;
  try {
    kept = JSON.parse(text);
  } catch {
    throw new NotTaken("carried_unreadable");
  }
  if (kept?.type === ONE && isKept(kept)) {
    return { did: kept.did, keys: [kept] };
  }
  const isWhole = kept?.type === SEVERAL && Array.isArray(kept.keys) && kept.keys.length > 0
    && [...kept.keys, kept.sealing].every((one) => isKept(one) && one.did === kept.did);
  if (!isWhole) {
    throw new NotTaken("carried_unreadable");
  }
  return kept;
}

function isKept(kept) {
  const { kdf, cipher } = kept ?? {};
  return kept?.type === ONE && kdf?.name === "PBKDF2" && kdf.hash === "SHA-256"
    && kdf.iterations >= KDF_LEAST && kdf.iterations <= KDF_MOST && cipher?.name === "AES-GCM"
    && /^[0-9a-f]{64}$/.test(kept.public) && typeof kept.kid === "string" && kept.kid.startsWith(`${kept.did}#`);
}

/** A signing key out of a file, never extractable, proved to belong to its public half. @returns {Promise<CryptoKey>} */
export async function opened(kept, password) {
  const key = await unwrapped(kept, password, SIGNING, ["sign"]);
  const known = await crypto.subtle.importKey("raw", fromHex(kept.public), SIGNING, false, ["verify"]);
  const signature = await crypto.subtle.sign(SIGNING, key, utf8(kept.kid));
  if (!(await crypto.subtle.verify(SIGNING, known, signature, utf8(kept.kid)))) {
    throw new NotTaken("carried_unreadable");
  }
  return key;
}

async function unwrapped(kept, password, algorithm, uses) {
  try {
    const key = await derived(kept.kdf, password);
    const cipher = { name: "AES-GCM", iv: fromBase64url(kept.cipher.iv), additionalData: utf8(kept.kid) };
    return await crypto.subtle.unwrapKey("pkcs8", fromBase64url(kept.secret), key, cipher, algorithm, false, uses);
  } catch {
    throw new NotTaken("carried_locked");
  }
}

async function derived(kdf, password) {
  const raw = await crypto.subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveKey"]);
  const gcm = { name: "AES-GCM", length: 256 };
  const salted = { ...kdf, salt: fromBase64url(kdf.salt) };
  return crypto.subtle.deriveKey(salted, raw, gcm, false, ["wrapKey", "unwrapKey"]);
}

/** Whether this browser makes all that a newcomer needs. */
export async function canMakeAll() {
  try {
    await crypto.subtle.generateKey(SIGNING, false, ["sign", "verify"]);
    await crypto.subtle.generateKey(SEALING, false, ["deriveBits"]);
    return true;
  } catch {
    return false;
  }
}

/** A newcomer's keys, made here and locked at once: a key to sign with, one to recover with, one to seal for. */
export async function madeBackup(code, password) {
  const kdf = { name: "PBKDF2", hash: "SHA-256", iterations: ITERATIONS, salt: random(16) };
  const lock = await derived(kdf, password);
  const pairs = [];
  for (const algorithm of [SIGNING, SIGNING, SEALING]) {
    const uses = algorithm === SIGNING ? ["sign", "verify"] : ["deriveBits"];
    pairs.push(await crypto.subtle.generateKey(algorithm, true, uses));
  }
  const publics = await Promise.all(pairs.map(async ({ publicKey }) =>
    new Uint8Array(await crypto.subtle.exportKey("raw", publicKey))));
  const did = await identifier(code, publics[0]);
  const names = ["key-1", "recovery", "sealing"];
  const kept = await Promise.all(pairs.map(({ privateKey }, at) =>
    locked({ kid: `${did}#${names[at]}`, did, public: hex(publics[at]) }, privateKey, kdf, lock)));
  const [signing, recovery, sealing] = kept;
  return JSON.stringify({ type: SEVERAL, did, keys: [signing, { ...recovery, purpose: "recover" }], sealing }, null, 1);
}

async function locked(known, key, kdf, lock) {
  const iv = random(12);
  const cipher = { name: "AES-GCM", iv: fromBase64url(iv), additionalData: utf8(known.kid) };
  const secret = base64url(new Uint8Array(await crypto.subtle.wrapKey("pkcs8", key, lock, cipher)));
  return { type: ONE, ...known, kdf, cipher: { name: "AES-GCM", iv }, secret };
}

const random = (bytes) => base64url(crypto.getRandomValues(new Uint8Array(bytes)));

/**
 * A backup opened, every key in it proved. @param {string} text @param {string} password @param {string} code
 * @returns {Promise<{did: string, keys: {kid: string, public: string, purpose: string, key: CryptoKey}[],
 *   sealing: string}>}
 */
export async function openedBackup(text, password, code) {
  const { did, keys, sealing } = readCarried(text);
  if (!sealing || (await identifier(code, fromHex(keys[0].public))) !== did) {
    throw new NotTaken(sealing ? "backup_elsewhere" : "backup_single");
  }
  const found = [];
  for (const one of keys) {
    const purpose = one.purpose === "recover" ? "recover" : "sign";
    found.push({ kid: one.kid, public: one.public, purpose, key: await opened(one, password) });
  }
  await proveSealing(sealing, password);
  return { did, keys: found, sealing: sealing.public };
}

/** Both ways of one agreement give one secret only when the two halves belong together. */
async function proveSealing(kept, password) {
  const key = await unwrapped(kept, password, SEALING, ["deriveBits"]);
  const other = await crypto.subtle.generateKey(SEALING, false, ["deriveBits"]);
  const known = await crypto.subtle.importKey("raw", fromHex(kept.public), SEALING, false, []);
  const [one, two] = await Promise.all([[other.publicKey, key], [known, other.privateKey]].map(async ([half, own]) =>
    new Uint8Array(await crypto.subtle.deriveBits({ name: SEALING, public: half }, own, 256))));
  if (!same(one, two)) {
    throw new NotTaken("carried_unreadable");
  }
}
