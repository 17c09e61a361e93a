/** The bytes that CometBFT hashes and signs: six protobuf messages, as `sogdia.client.light.wire` makes them. */

import { joined, utf8 } from "./bytes.js";

const NOTHING = new Uint8Array();
const PRECOMMIT = 2n;

/** A number of at most 64 bits in groups of seven; a negative one as its two's complement. @param {bigint} number */
export function varint(number) {
  const groups = [];
  let rest = BigInt.asUintN(64, number);
  while (rest > 0x7fn) {
    groups.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  groups.push(Number(rest));
  return Uint8Array.from(groups);
}

const mark = (field, kind) => varint(BigInt((field << 3) | kind));

/** @param {number} field @param {bigint} number */
export const numberField = (field, number) => (number ? joined(mark(field, 0), varint(number)) : NOTHING);

function fixedField(field, number) {
  if (!number) {
    return NOTHING;
  }
  const raw = new DataView(new ArrayBuffer(8));
  raw.setBigInt64(0, number, true);
  return joined(mark(field, 1), new Uint8Array(raw.buffer));
}

/** An embedded message that is not nullable. @param {number} field @param {Uint8Array} content */
export const messageField = (field, content) => joined(mark(field, 2), varint(BigInt(content.length)), content);

/** @param {number} field @param {Uint8Array} content */
export const bytesField = (field, content) => (content.length ? messageField(field, content) : NOTHING);

/** google.protobuf.Timestamp. @param {{seconds: bigint, nanos: bigint}} time */
export const timestamp = (time) => joined(numberField(1, time.seconds), numberField(2, time.nanos));

/** tendermint.version.Consensus. @param {bigint} block @param {bigint} app */
export const version = (block, app) => joined(numberField(1, block), numberField(2, app));

/** BlockID and CanonicalBlockID. @param {Uint8Array} hash @param {bigint} parts @param {Uint8Array} partsHash */
export const blockId = (hash, parts, partsHash) =>
  joined(bytesField(1, hash), messageField(2, joined(numberField(1, parts), bytesField(2, partsHash))));

/** SimpleValidator. @param {Uint8Array} key @param {bigint} power */
export const simpleValidator = (key, power) => joined(messageField(1, messageField(1, key)), numberField(2, power));

/** CanonicalVote with its length in front. */
export function precommit(chain, height, round, block, time) {
  const content = joined(
    numberField(1, PRECOMMIT),
    fixedField(2, height),
    fixedField(3, round),
    messageField(4, block),
    messageField(5, time),
    bytesField(6, utf8(chain)),
  );
  return joined(varint(BigInt(content.length)), content);
}
