/** From a trusted header along light blocks to a later one, adjacent or by skipping: `sogdia.client.light.chain`. */

import { hex, same } from "./bytes.js";
import { isSigned } from "./ed25519.js";
import { LightBlockRefused, addressOf, cast, headerHash, setHash, totalPower } from "./light_blocks.js";

const BLOCK_PROTOCOL = 11n;

/** A place to go on from: a header that is believed, and the next height's set if anything here says who is in it. */
const known = (block) => ({
  header: block.header,
  nextValidators: same(block.header.next_validators_hash, block.header.validators_hash) ? block.validators : null,
});

/**
 * Go along blocks of ascending height and say of each who signed it. The first that does not hold throws
 * `LightBlockRefused` with its height.
 * @param {{header: object, nextValidators: object[]?}} trusted @param {object[]} blocks
 */
export async function* follow(trusted, blocks) {
  let before = 0n;
  let here = trusted;
  for (const block of blocks) {
    const signed = await step(here, block, before).catch((wrong) => {
      wrong.height = block.header.height;
      throw wrong;
    });
    before = block.header.height;
    if (signed !== null) {
      yield signed;
      here = known(block);
    }
  }
}

async function step(trusted, block, before) {
  const { height } = block.header;
  if (height <= before) {
    throw new LightBlockRefused("light_order", { height, before });
  }
  if (height > trusted.header.height) {
    return height === trusted.header.height + 1n ? adjacent(trusted, block) : skipping(trusted, block);
  }
  if (height === trusted.header.height && !same(await headerHash(block.header), await headerHash(trusted.header))) {
    throw new LightBlockRefused("light_fork", { height });
  }
  return null;
}

async function adjacent(trusted, block) {
  await checkHeaders(trusted.header, block);
  if (!same(block.header.validators_hash, trusted.header.next_validators_hash)) {
    throw new LightBlockRefused("light_other_set", { height: block.header.height });
  }
  return checkVotes(block, 0n, 0n);
}

/** More than a third of the trusted set signed it, and more than two thirds of its own. */
async function skipping(trusted, block) {
  await checkHeaders(trusted.header, block);
  if (trusted.nextValidators === null) {
    throw new LightBlockRefused("light_set_changes", { height: trusted.header.height });
  }
  const total = totalPower(trusted.nextValidators);
  const power = powerOf(block, trusted.nextValidators);
  if (!(power * 3n > total)) {
    throw new LightBlockRefused("light_few_trusted", { height: block.header.height, power, total });
  }
  return checkVotes(block, power, total);
}

async function checkHeaders(trusted, block) {
  const { header } = block;
  const { height } = header;
  if (header.chain !== trusted.chain) {
    throw new LightBlockRefused("light_other_chain", { height, found: header.chain, expected: trusted.chain });
  }
  if (!isAfter(header.time, trusted.time)) {
    throw new LightBlockRefused("light_time", { height, before: trusted.height });
  }
  if (header.block_protocol !== BLOCK_PROTOCOL) {
    throw new LightBlockRefused("light_protocol", { height, found: header.block_protocol, expected: BLOCK_PROTOCOL });
  }
  if (!same(await setHash(block.validators), header.validators_hash)) {
    throw new LightBlockRefused("light_set", { height });
  }
  if (block.commit.votes.length !== block.validators.length) {
    throw new LightBlockRefused("light_places", { height });
  }
}

const isAfter = (one, other) =>
  one.seconds > other.seconds || (one.seconds === other.seconds && one.nanos > other.nanos);

/** What those of a set weigh who voted, by key: the trusted set has an order and powers of its own. */
function powerOf(block, set) {
  const voted = new Set(block.validators.filter((_, at) => block.commit.votes[at]).map((one) => hex(one.public_key)));
  return set.reduce((sum, one) => sum + (voted.has(hex(one.public_key)) ? one.power : 0n), 0n);
}

async function checkVotes(block, trustedPower, ofTrustedPower) {
  const { height } = block.header;
  const ofPower = totalPower(block.validators);
  const power = powerOf(block, block.validators);
  if (!(power * 3n > ofPower * 2n)) {
    throw new LightBlockRefused("light_few", { height, power, total: ofPower });
  }
  const votes = await cast(block);
  for (const [validator, vote, signed] of votes) {
    if (!(await isSigned(validator.public_key, signed, vote.signature))) {
      throw new LightBlockRefused("light_signature", { height, validator: await addressOf(validator) });
    }
  }
  const counted = { validators: votes.length, of_validators: block.validators.length };
  const trusted = { trusted_power: trustedPower, of_trusted_power: ofTrustedPower };
  return { height, ...counted, power, of_power: ofPower, ...trusted };
}
