/** Files that are no evidence are called what they are, by how they begin. */

import { Unfit } from "./bytes.js";

const BEGINNINGS = [
  ["pdf", [0x25, 0x50, 0x44, 0x46]],
  ["office", [0x50, 0x4b, 0x03, 0x04]],
  ["office", [0xd0, 0xcf, 0x11, 0xe0]],
  ["picture", [0x89, 0x50, 0x4e, 0x47]],
  ["picture", [0xff, 0xd8, 0xff]],
  ["picture", [0x47, 0x49, 0x46, 0x38]],
  ["packed", [0x1f, 0x8b]],
];
const TAG = "<".charCodeAt(0);
const SPACES = new Set([9, 10, 13, 32]);

/** Throws `Unfit` when these bytes begin as another kind of file does. @param {Uint8Array} raw */
export function refuseOthers(raw) {
  const found = BEGINNINGS.find(([, bytes]) => bytes.every((byte, at) => raw[at] === byte));
  if (found) {
    throw new Unfit("other_kind", { what: found[0] });
  }
  const first = raw.find((byte) => !SPACES.has(byte));
  if (first === undefined) {
    throw new Unfit("other_kind", { what: "empty" });
  }
  if (first === TAG) {
    throw new Unfit("other_kind", { what: "page" });
  }
}
