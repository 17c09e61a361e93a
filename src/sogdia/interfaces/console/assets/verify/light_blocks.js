/** Headers, validators and votes of CometBFT 0.38, and their hashes; as `sogdia.client.light.blocks`. */

import { Unfit, hex, sha256, utf8 } from "./bytes.js";
import { leafHash, rootOf } from "./log.js";
import { MAX_INT64, bytes, list, object, optional, or, text, whole } from "./shapes.js";
import { blockId, bytesField, numberField, precommit, simpleValidator, timestamp, version } from "./wire.js";

const MAX_VALIDATORS = 10_000;
const MAX_POWER = MAX_INT64 / 8n;
const MAX_UINT32 = 2n ** 32n - 1n;
const hash = bytes(32, 32);
const maybeHash = bytes(0, 32);

const time = object({ seconds: whole(-62_135_596_800n, 253_402_300_799n), nanos: or(whole(0n, 999_999_999n), 0n) });

/** A header's fields. */
export const HEADER = object({
  block_protocol: whole(0n, MAX_INT64),
  app_version: whole(0n, MAX_INT64),
  chain: text(1, 50),
  height: whole(1n, MAX_INT64),
  time,
  last_block: object({ hash: maybeHash, parts: whole(0n, MAX_UINT32), parts_hash: maybeHash }),
  last_commit_hash: maybeHash,
  data_hash: maybeHash,
  validators_hash: hash,
  next_validators_hash: hash,
  consensus_hash: maybeHash,
  app_hash: bytes(0, 64),
  last_results_hash: maybeHash,
  evidence_hash: maybeHash,
  proposer: bytes(20, 20),
});

/** A set of validators in its order. */
export const VALIDATORS = list(object({ public_key: bytes(32, 32), power: whole(1n, MAX_POWER) }), 1, MAX_VALIDATORS);

const COMMIT = object({
  round: whole(0n, 2n ** 31n - 1n),
  parts: whole(1n, MAX_UINT32),
  parts_hash: hash,
  votes: list(optional(object({ time, signature: bytes(64, 64) })), 1, MAX_VALIDATORS),
});

/** A header, the votes for it, and the validators of its height. */
export const LIGHT_BLOCK = object({ header: HEADER, commit: COMMIT, validators: VALIDATORS });

/** A light block does not hold; the sentence says why. */
export class LightBlockRefused extends Unfit {}

/** The block's hash: the root over its fourteen fields. */
export async function headerHash(header) {
  const wrapped = [
    header.last_commit_hash, header.data_hash, header.validators_hash, header.next_validators_hash,
    header.consensus_hash, header.app_hash, header.last_results_hash, header.evidence_hash, header.proposer,
  ];
  const fields = [
    version(header.block_protocol, header.app_version),
    bytesField(1, utf8(header.chain)),
    numberField(1, header.height),
    timestamp(header.time),
    blockId(header.last_block.hash, header.last_block.parts, header.last_block.parts_hash),
    ...wrapped.map((one) => bytesField(1, one)),
  ];
  return rootOf(await Promise.all(fields.map(leafHash)));
}

/** The hash of a set of validators, as `validators_hash` has it. */
export async function setHash(validators) {
  return rootOf(await Promise.all(validators.map((one) => leafHash(simpleValidator(one.public_key, one.power)))));
}

/** How CometBFT names a validator, in upper case. */
export const addressOf = async (validator) => hex((await sha256(validator.public_key)).subarray(0, 20)).toUpperCase();

/** The power of a set together; refused when a key is in it twice or it is more than may be. */
export function totalPower(validators) {
  if (new Set(validators.map((one) => hex(one.public_key))).size !== validators.length) {
    throw new LightBlockRefused("validator_twice");
  }
  const total = validators.reduce((sum, one) => sum + one.power, 0n);
  if (total > MAX_POWER) {
    throw new LightBlockRefused("power_range", { total, most: MAX_POWER });
  }
  return total;
}

/** Each validator who voted, its vote, and the bytes that it signed. */
export async function cast(block) {
  const { header, commit, validators } = block;
  const voted = blockId(await headerHash(header), commit.parts, commit.parts_hash);
  return validators.flatMap((validator, at) => {
    const vote = commit.votes[at];
    const signed = (one) => precommit(header.chain, header.height, commit.round, voted, timestamp(one.time));
    return vote === null ? [] : [[validator, vote, signed(vote)]];
  });
}
