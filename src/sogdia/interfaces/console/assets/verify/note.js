/** Signed notes and checkpoints: C2SP signed-note v1 and tlog-checkpoint v1, as `sogdia.core.note` reads them. */

import { Unfit, fromExactBase64, fromHex, hex, same, sha256, utf8 } from "./bytes.js";
import { isSigned } from "./ed25519.js";
import { MAX_INT64 } from "./shapes.js";

const MAX_NOTE_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;
const CONTROL = /[\x00-\x09\x0b-\x1f]/;
/** What Python counts as a space; JavaScript's list is another. */
export const SPACE = /[\x09-\x0d\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const KEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;
const SIZE = /^(?:0|[1-9][0-9]{0,18})$/;

/**
 * The key of a network out of its text.
 * @param {string} text @returns {Promise<{name: string, id: Uint8Array, public: Uint8Array}>}
 */
export async function parsedKey(text) {
  const found = KEY.exec(text);
  const raw = found ? bytesOf(found[3], "key_form") : null;
  if (!raw) {
    throw new Unfit("key_form");
  }
  checkName(found[1], "key_form");
  if (raw[0] !== 1 || raw.length !== 33) {
    throw new Unfit("key_type");
  }
  const id = (await sha256(utf8(`${found[1]}\n`), raw)).subarray(0, 4);
  if (hex(id) !== found[2]) {
    throw new Unfit("key_id", { found: found[2], expected: hex(id) });
  }
  return { name: found[1], id, public: raw.subarray(1) };
}

/** The text of a note, once its signature by this key is found good. @param {string} note */
export async function openedNote(note, key) {
  const { text, signatures } = splitNote(note);
  const mine = signatures.find(([name, raw]) => name === key.name && same(raw.subarray(0, 4), key.id));
  if (!mine) {
    throw new Unfit("note_unsigned", { name: key.name });
  }
  if (!(await isSigned(key.public, utf8(text), mine[1].subarray(4)))) {
    throw new Unfit("note_false", { name: key.name });
  }
  return text;
}

/** A note's text and its lines of name and signature, nothing verified. @param {string} note */
export function splitNote(note) {
  const blank = note.lastIndexOf("\n\n");
  const lines = blank < 0 ? [] : note.slice(blank + 2).split("\n");
  const isTooLong = utf8(note).length > MAX_NOTE_BYTES || lines.length > MAX_SIGNATURES + 1;
  if (isTooLong || blank < 1 || lines.length < 2 || lines.pop()) {
    throw new Unfit("note_form");
  }
  const text = note.slice(0, blank) + "\n";
  if (CONTROL.test(text)) {
    throw new Unfit("note_form");
  }
  return { text, signatures: lines.map(signatureOf) };
}

function signatureOf(line) {
  const [dash, rest] = partition(line);
  const [name, encoded] = partition(rest);
  const raw = bytesOf(encoded, "note_form");
  if (dash !== "—" || raw.length <= 4) {
    throw new Unfit("note_form");
  }
  checkName(name, "note_form");
  return [name, raw];
}

/**
 * What a checkpoint says: the log's name, size and root, and a network's own lines: height, time and state root.
 * @param {string} text
 */
export async function parsedCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.pop() || !lines[0] || CONTROL.test(lines.join(""))) {
    throw new Unfit("checkpoint_form");
  }
  const [origin, size, encoded, ...own] = lines;
  const root = bytesOf(encoded, "checkpoint_form");
  if (!SIZE.test(size) || BigInt(size) > MAX_INT64 || root.length !== 32 || own.some((line) => !line.includes(" "))) {
    throw new Unfit("checkpoint_form");
  }
  const said = new Map(own.map(partition));
  const stateRoot = fromHex(said.get("state") ?? "x");
  const digest = await sha256(utf8(text));
  const sealed = { height: number(said, "height"), timeMs: number(said, "time_ms"), stateRoot };
  return { origin, size: BigInt(size), root, digest, ...sealed };
}

/** A whole number as Python reads one: a sign and single underscores between digits are allowed. */
function number(said, name) {
  const found = /^\s*([+-]?)(\d+(?:_\d+)*)\s*$/.exec(said.get(name) ?? "");
  if (!found || found[2].length > 4300) {
    throw new Unfit("checkpoint_form");
  }
  const value = BigInt(found[2].replaceAll("_", ""));
  return found[1] === "-" ? -value : value;
}

function partition(line) {
  const at = line.indexOf(" ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

function checkName(name, why) {
  if (!name || name.includes("+") || CONTROL.test(name) || name.includes("\n") || SPACE.test(name)) {
    throw new Unfit(why);
  }
}

function bytesOf(text, why) {
  try {
    return fromExactBase64(text);
  } catch {
    throw new Unfit(why);
  }
}
