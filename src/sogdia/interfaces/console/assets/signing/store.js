/**
 * The keys of this browser: in its own store, never extractable, for one network and one user each. A key is a
 * CryptoKey object; its secret half never becomes bytes that a script could read.
 */

import { fromBase64url, hex, utf8 } from "../verify/bytes.js";

const NAME = "sogdia-keys";
const KEYS = "keys";
const ALGORITHM = "Ed25519";
const KDF_LEAST = 600_000;
const KDF_MOST = 20_000_000;

/** Why a carried key was not taken in: a name of the catalogue under `console_signing`. */
export class NotTaken extends Error {}

/** Whether this browser signs with Ed25519 (WebCrypto, since 2025). */
export async function canSign() {
  try {
    await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    return Boolean(indexedDB);
  } catch {
    return false;
  }
}

/** The keys here of this room's user and party. */
export async function keysHere({ network, user, party }) {
  const all = await work("readonly", (store) => store.getAll());
  return all.filter((one) => one.network === network && one.user === user && one.party === party.did);
}

/** Those of them that the record says may sign now. */
export async function signingKeys(here) {
  const active = here.keys.filter((one) => one.purpose === "sign" && !one.retired_height);
  const may = (one) => active.some((key) => key.id === one.kid && key.public === one.public);
  return (await keysHere(here)).filter(may);
}

/** Makes a key under this id. */
export async function makeKey(here, kid) {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return keep(here, kid, hex(raw), pair.privateKey);
}

/** Takes a key in that `sogdia console carry` wrote. @param {string} text the file @param {string} password */
export async function takeIn(here, text, password) {
  const kept = readCarried(text);
  if (kept.did !== here.party.did) {
    throw new NotTaken("carried_other_party");
  }
  const key = await opened(kept, password);
  const checked = await crypto.subtle.importKey("raw", bytesOf(kept.public), ALGORITHM, false, ["verify"]);
  const signature = await crypto.subtle.sign(ALGORITHM, key, utf8(kept.kid));
  if (!(await crypto.subtle.verify(ALGORITHM, checked, signature, utf8(kept.kid)))) {
    throw new NotTaken("carried_unreadable");
  }
  return keep(here, kept.kid, kept.public, key);
}

/** Takes a key out of this browser; what is on record stays. */
export const forget = (one) => work("readwrite", (store) => store.delete(one.id));

function readCarried(text) {
  let kept;
  try {
    kept = JSON.parse(text);
  } catch {
    throw new NotTaken("carried_unreadable");
  }
  const { kdf, cipher } = kept ?? {};
  const fits = kept?.type === "sogdia.carried-key.1" && kdf?.name === "PBKDF2" && kdf.hash === "SHA-256"
    && kdf.iterations >= KDF_LEAST && kdf.iterations <= KDF_MOST && cipher?.name === "AES-GCM"
    && /^[0-9a-f]{64}$/.test(kept.public) && typeof kept.kid === "string" && kept.kid.startsWith(`${kept.did}#`);
  if (!fits) {
    throw new NotTaken("carried_unreadable");
  }
  return kept;
}

async function opened(kept, password) {
  try {
    const raw = await crypto.subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveKey"]);
    const derivation = { ...kept.kdf, salt: fromBase64url(kept.kdf.salt) };
    const gcm = { name: "AES-GCM", length: 256 };
    const key = await crypto.subtle.deriveKey(derivation, raw, gcm, false, ["unwrapKey"]);
    const cipher = { name: "AES-GCM", iv: fromBase64url(kept.cipher.iv), additionalData: utf8(kept.kid) };
    return await crypto.subtle.unwrapKey("pkcs8", fromBase64url(kept.secret), key, cipher, ALGORITHM, false, ["sign"]);
  } catch {
    throw new NotTaken("carried_locked");
  }
}

async function keep({ network, user, party }, kid, publicHex, key) {
  const one = { id: `${network} ${user} ${kid}`, network, user, party: party.did, kid, public: publicHex, key };
  await work("readwrite", (store) => store.put({ ...one, made_ms: Date.now() }));
  navigator.storage?.persist?.().catch(() => false); // else a browser short of room may drop what nobody can make again
  return one;
}

const bytesOf = (text) => Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));

async function work(mode, asked) {
  const base = await database();
  try {
    return await promised(asked(base.transaction(KEYS, mode).objectStore(KEYS)));
  } finally {
    base.close();
  }
}

function database() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(KEYS, { keyPath: "id" });
  return promised(opening);
}

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
