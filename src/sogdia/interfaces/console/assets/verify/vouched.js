/** The trusted header, and the way from it to the last light block, block by block. */

import { check, failed } from "./check.js";
import { LightBlockRefused } from "./light_blocks.js";
import { follow } from "./light_chain.js";

const DAY_MS = 86_400_000n;
const CLOCK_TOLERANCE_MS = 300_000n;

/** @param {object} evidence @param {{trusted: object, nowMs?: bigint, periodMs?: bigint}} trust */
export async function* vouched(evidence, { trusted, nowMs, periodMs }) {
  const { header, fingerprint, network } = trusted;
  const mine = evidence.network === network;
  const told = { height: header.height, chain: header.chain, hash: fingerprint, network };
  yield check("trusted", "trusted header", mine, mine ? "trusted_header" : "trusted_other", told);
  if (nowMs !== undefined && periodMs !== undefined) {
    const ageMs = nowMs - (header.time.seconds * 1000n + header.time.nanos / 1_000_000n);
    const holds = -CLOCK_TOLERANCE_MS <= ageMs && ageMs <= periodMs;
    const days = { days: ageMs < 0n ? 0n : ageMs / DAY_MS, most: periodMs / DAY_MS };
    yield check("period", "trusting period", holds, "trusting_period", days);
  }
  try {
    for await (const step of follow({ header, nextValidators: trusted.next_validators }, evidence.light)) {
      const said = step.of_trusted_power ? "light_skipped" : "light_signed";
      yield check("light", `light block ${step.height}`, true, said, step);
    }
  } catch (wrong) {
    if (!(wrong instanceof LightBlockRefused)) {
      throw wrong;
    }
    yield failed("light", `light block ${wrong.height}`, wrong);
  }
}
