/** The log: RFC 6962 hashes, and what RFC 9162 (2.1.3.2, 2.1.4.2) has to be checked of a path. */

import { same, sha256 } from "./bytes.js";
import { MAX_INT64 } from "./shapes.js";

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);
const MAX_PATH = 64;

/** @typedef {{root: Uint8Array, size: bigint}} Log as a checkpoint has it */

/** The hash under which an entry stands. @param {Uint8Array} entry */
export const leafHash = (entry) => sha256(LEAF, entry);

const inner = (left, right) => sha256(INNER, left, right);

/** The root over leaf hashes. @param {Uint8Array[]} leaves @returns {Promise<Uint8Array>} */
export async function rootOf(leaves) {
  if (leaves.length < 2) {
    return leaves[0] ?? sha256(new Uint8Array());
  }
  let split = 1;
  while (split * 2 < leaves.length) {
    split *= 2;
  }
  return inner(await rootOf(leaves.slice(0, split)), await rootOf(leaves.slice(split)));
}

/**
 * Whether the path shows that the log has this leaf at this place.
 * @param {Log} log @param {bigint} index @param {Uint8Array} leaf @param {Uint8Array[]} path
 */
export async function isIncluded(log, index, leaf, path) {
  if (!isSize(index) || index >= log.size || !areHashes(path)) {
    return false;
  }
  let place = index;
  let last = log.size - 1n;
  let node = leaf;
  for (const sibling of path) {
    if (last === 0n) {
      return false;
    }
    if (place & 1n || place === last) {
      node = await inner(sibling, node);
      while (place && !(place & 1n)) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      node = await inner(node, sibling);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(node, log.root);
}

/**
 * Whether the path shows that the newer log begins with all of the older one.
 * @param {Log} old @param {Log} newer @param {Uint8Array[]} path
 */
export async function isConsistent(old, newer, path) {
  if (old.size > newer.size || !areHashes(path)) {
    return false;
  }
  if (old.size === 0n) {
    return path.length === 0 && same(old.root, await rootOf([]));
  }
  if (old.size === newer.size) {
    return path.length === 0 && same(old.root, newer.root);
  }
  const steps = old.size & (old.size - 1n) ? path : [old.root, ...path];
  return steps.length > 0 && climbs(old, newer, steps);
}

async function climbs(old, newer, steps) {
  let place = old.size - 1n;
  let last = newer.size - 1n;
  while (place & 1n) {
    place >>= 1n;
    last >>= 1n;
  }
  let before = steps[0];
  let after = steps[0];
  for (const sibling of steps.slice(1)) {
    if (last === 0n) {
      return false;
    }
    if (place & 1n || place === last) {
      before = await inner(sibling, before);
      after = await inner(sibling, after);
      while (place && !(place & 1n)) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      after = await inner(after, sibling);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(before, old.root) && same(after, newer.root);
}

const isSize = (found) => found >= 0n && found <= MAX_INT64;
const areHashes = (found) => found.length <= MAX_PATH && found.every((one) => one.length === 32);
