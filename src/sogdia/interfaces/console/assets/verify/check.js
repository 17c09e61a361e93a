/** One check: its name, whether it holds, and what it found as a key of the catalogue with its fields. */

import { Unfit } from "./bytes.js";

/**
 * @typedef {{kind: string, name: string, holds: boolean, said: string, fields: object, shown?: [string, unknown][],
 * differs?: [string, unknown, unknown][], table?: string}} Check `said` is a key under `verify_said` in the catalogue;
 * `shown` is a record's fields, `differs` those that are shown otherwise than they stand
 */

/**
 * @param {string} kind @param {string} name @param {boolean} holds @param {string} said @param {object} [fields]
 * @returns {Check}
 */
export const check = (kind, name, holds, said, fields = {}) => ({ kind, name, holds, said, fields });

/** A check that does not hold because of what was thrown. */
export function failed(kind, name, wrong) {
  const why = wrong instanceof Unfit ? wrong : new Unfit("unknown", { problem: String(wrong?.message ?? wrong) });
  return check(kind, name, false, `why.${why.why}`, why.fields);
}

/** A check on hostile input may meet anything; whatever it is, the check does not hold. */
export async function guarded(kind, name, one) {
  try {
    return await one();
  } catch (wrong) {
    return failed(kind, name, wrong);
  }
}
