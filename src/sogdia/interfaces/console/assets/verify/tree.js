/** The state tree: whether a key stands there with its value, or nothing does. ICS-23's form, as `sogdia.core.tree`. */

import { same, sha256 } from "./bytes.js";

const DEPTH = 256;
const EMPTY = new Uint8Array(32);
const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

/** @typedef {{key: Uint8Array, value: Uint8Array, path: Uint8Array[]}} Membership siblings from the leaf to the root */

/** Whether the tree with this root holds the key with the value. @param {Uint8Array} root @param {Membership} proof */
export async function isMember(root, proof) {
  return isWellFormed(proof) && same(await rootOf(proof), root);
}

/**
 * Whether the tree with this root does not hold the key: its neighbours are there, with no room between.
 * @param {Uint8Array} root @param {Uint8Array} key
 * @param {{key: Uint8Array, left: Membership?, right: Membership?}} proof
 */
export async function isAbsent(root, key, proof) {
  const { left, right } = proof;
  if (key.length === 0 || !same(proof.key, key)) {
    return false;
  }
  if (left === null && right === null) {
    return same(root, EMPTY);
  }
  const place = await sha256(key);
  if (left !== null && !((await isMember(root, left)) && order(await sha256(left.key), place) < 0)) {
    return false;
  }
  if (right !== null && !((await isMember(root, right)) && order(await sha256(right.key), place) > 0)) {
    return false;
  }
  return areNeighbours(left, right);
}

function isWellFormed(proof) {
  const { key, value, path } = proof;
  return key.length > 0 && value.length > 0 && path.length <= DEPTH && path.every((one) => one.length === 32);
}

async function rootOf(proof) {
  const place = await sha256(proof.key);
  let node = await sha256(LEAF, place, await sha256(proof.value));
  let depth = proof.path.length;
  for (const sibling of proof.path) {
    depth -= 1;
    node = await (bit(place, depth) ? sha256(INNER, sibling, node) : sha256(INNER, node, sibling));
  }
  return node;
}

async function areNeighbours(left, right) {
  let below = 0;
  if (left !== null && right !== null) {
    below = sharedBits(await sha256(left.key), await sha256(right.key)) + 1;
    if (below > Math.min(left.path.length, right.path.length)) {
      return false;
    }
  }
  return (left === null || (await isEdge(left, 0, below))) && (right === null || (await isEdge(right, 1, below)));
}

/** Whether, from this depth down, every sibling is empty where the way to the leaf takes this turn. */
async function isEdge(proof, turn, below) {
  const place = await sha256(proof.key);
  const last = proof.path.length - 1;
  for (let depth = below; depth <= last; depth += 1) {
    if (bit(place, depth) === turn && !same(proof.path[last - depth], EMPTY)) {
      return false;
    }
  }
  return true;
}

const bit = (place, depth) => (place[depth >> 3] >> (7 - (depth & 7))) & 1;

function order(one, other) {
  const at = one.findIndex((byte, place) => byte !== other[place]);
  return at < 0 ? 0 : one[at] - other[at];
}

function sharedBits(one, other) {
  let depth = 0;
  while (depth < DEPTH && bit(one, depth) === bit(other, depth)) {
    depth += 1;
  }
  return depth;
}
