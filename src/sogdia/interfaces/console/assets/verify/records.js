/** Records and absences: what stands in the checkpoint's state, what does not, and whether what is shown is that. */

import { Unfit, same, textOf, utf8 } from "./bytes.js";
import { check } from "./check.js";
import { unpacked } from "./msgpack.js";
import { spelt } from "./plain.js";
import { isAbsent, isMember } from "./tree.js";

const KEYS = "identity.key";

/** A key with a space between its fields, and none around it if wished. @param {Uint8Array} key */
export function spaced(key, isTrimmed = false) {
  const found = key.map((byte) => byte || 32);
  const isInner = (byte) => byte !== 32 && (byte < 9 || byte > 13);
  return isTrimmed ? found.subarray(Math.max(0, found.findIndex(isInner)), found.findLastIndex(isInner) + 1) : found;
}

function isOfTable(table, key) {
  const end = key.indexOf(0);
  return same(end < 0 ? key : key.subarray(0, end), utf8(table));
}

/** The signing keys that the file proves, by their ids. */
export async function provedKeys(evidence, sealed) {
  const found = new Map();
  for (const record of evidence.records) {
    const isKey = record.table === KEYS && isOfTable(record.table, record.proof.key);
    if (isKey && (await isMember(sealed.stateRoot, record.proof))) {
      const key = keyOnRecord(record.proof.value);
      if (key !== null) {
        found.set(key.id, key);
      }
    }
  }
  return found;
}

/** The list of values that a record is; null where it is none. */
function valuesIn(value) {
  try {
    const found = unpacked(value);
    return Array.isArray(found) ? found : null;
  } catch (error) {
    if (error instanceof Unfit) {
      return null;
    }
    throw error;
  }
}

/** The key in a record's value; null where it is none: a state may hold such a thing, and it opens nothing. */
function keyOnRecord(value) {
  const [id, party, scheme, public_, purpose, since, retired = 0n] = valuesIn(value) ?? [];
  const isKey = [id, party, scheme, public_, purpose].every((one) => typeof one === "string");
  if (!isKey || typeof since !== "bigint" || typeof retired !== "bigint") {
    return null;
  }
  return { id, party, scheme, public: public_, since, retired };
}

/** A record stands in the state, and is shown as it stands there. */
export async function checkRecord(record, sealed, tables) {
  const { table, proof, shown } = record;
  const key = textOf(spaced(proof.key));
  const told = (holds, said, fields = {}) => check("record", `record ${key}`, holds, said, fields);
  if (!isOfTable(table, proof.key)) {
    return told(false, "other_table", { table });
  }
  if (!(await isMember(sealed.stateRoot, proof))) {
    return told(false, "record_missing");
  }
  if (tables !== null && !Object.hasOwn(tables, table)) {
    return told(false, "table_unknown", { table });
  }
  if (!shows(record, tables?.[table])) {
    return { ...told(false, "record_shown"), table, differs: differences(record, tables?.[table]) };
  }
  return { ...told(true, "record_stands", { height: sealed.height }), table, shown: [...shown] };
}

/** The values shown to people are the record's own, under its own names. */
function shows(record, names) {
  const { shown } = record;
  const known = names?.length ? names : null;
  if (!(shown instanceof Map) || (names && (shown.size !== names.length || !names.every((name) => shown.has(name))))) {
    return false;
  }
  return spelt(unpacked(record.proof.value)) === spelt((known ?? [...shown.keys()]).map((name) => shown.get(name)));
}

/** Where what is shown departs from what stands: [name, shown, standing]; undefined where there is none. */
function differences({ shown, proof }, names) {
  const standing = shown instanceof Map ? valuesIn(proof.value) : null;
  if (standing === null) {
    return [];
  }
  const known = names ?? [...shown.keys()];
  const each = known.map((name, at) => [name, shown.get(name), standing[at]]);
  const foreign = [...shown].filter(([name]) => !known.includes(name)).map(([name, value]) => [name, value, undefined]);
  const isOther = ([, one, other]) => one === undefined || other === undefined || spelt(one) !== spelt(other);
  return [...each, ...foreign].filter(isOther);
}

/** Nothing stands under a key. */
export async function checkAbsence(absence, sealed) {
  const name = `absence ${textOf(spaced(absence.key))}`;
  if (!isOfTable(absence.table, absence.key)) {
    return check("absence", name, false, "other_table", { table: absence.table });
  }
  const holds = await isAbsent(sealed.stateRoot, absence.key, absence.proof);
  return check("absence", name, holds, holds ? "absence_shown" : "absence_missing");
}
