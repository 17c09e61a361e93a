/**
 * The keys of this browser: in its own store, never extractable, for one network and one user each. A key is a
 * CryptoKey object; its secret half never becomes bytes that a script could read.
 */

import { hex } from "../verify/bytes.js";
import { NotTaken, opened, readCarried } from "./carried.js";
import { mayServe } from "./handing.js";

const NAME = "sogdia-keys";
const KEYS = "keys";
const ALGORITHM = "Ed25519";

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

/** All keys here that may sign these messages: also one that they bring along, or that recovers by them. */
export async function servingKeys(here, messages) {
  return (await keysHere(here)).filter((one) => mayServe(here, messages, one));
}

/** Makes a key under this id. */
export async function makeKey(here, kid) {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return keep(here, kid, hex(raw), pair.privateKey);
}

/**
 * Takes keys in from a file: of `sogdia console carry`, or of a newcomer's backup, whose recovery key comes along when
 * it is asked for. @param {string} text the file @param {string} password @param {boolean} withRecovery
 */
export async function takeIn(here, text, password, withRecovery) {
  const { did, keys } = readCarried(text);
  if (did !== here.party.did) {
    throw new NotTaken("carried_other_party");
  }
  const retired = new Set(here.keys.filter((key) => key.retired_height).map((key) => key.id));
  const wanted = keys.filter((one) =>
    one.purpose === "recover" ? withRecovery : keys.length === 1 || !retired.has(one.kid));
  if (!wanted.length) {
    throw new NotTaken("carried_retired");
  }
  const taken = [];
  for (const one of wanted) {
    taken.push(await keep(here, one.kid, one.public, await opened(one, password)));
  }
  return taken[0];
}

/** Takes a key out of this browser; what is on record stays. */
export const forget = (one) => work("readwrite", (store) => store.delete(one.id));

async function keep({ network, user, party }, kid, publicHex, key) {
  const one = { id: `${network} ${user} ${kid}`, network, user, party: party.did, kid, public: publicHex, key };
  await work("readwrite", (store) => store.put({ ...one, made_ms: Date.now() }));
  navigator.storage?.persist?.().catch(() => false); // else a browser short of room may drop what nobody can make again
  return one;
}

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

export { NotTaken };
