/**
 * Every check of `sogdia.client.evidence`, by the same names, in the same order, with the same verdicts. Nothing is
 * believed that does not follow from the network's public key, or from a trusted header. Each check stands alone.
 */

import { Unfit, hex, same, utf8 } from "./bytes.js";
import { check, guarded } from "./check.js";
import { isConsistent } from "./log.js";
import { newcomersKeys } from "./newcomers.js";
import { SPACE, openedNote, parsedCheckpoint, parsedKey, splitNote } from "./note.js";
import { checkAbsence, checkRecord, provedKeys, spaced } from "./records.js";
import { checkTransaction } from "./transactions.js";
import { vouched } from "./vouched.js";

/**
 * @param {object} evidence as `readEvidence` gives it
 * @param {{key?: string, trusted?: object, nowMs?: bigint, periodMs?: bigint}} trust a network's key or trusted header
 * @param {Record<string, string[]>?} tables field names of every table's records
 * @returns {AsyncGenerator<Check>}
 */
export async function* verify(evidence, trust, tables = null) {
  let stands = true;
  if (trust.trusted) {
    for await (const one of vouched(evidence, trust)) {
      stands &&= one.holds;
      yield one;
    }
  }
  if (!stands) {
    yield check("checkpoint", "checkpoint", false, "checkpoint_nobody");
    return;
  }
  const open = trust.trusted ? textOfOrigin(trust.trusted.origin) : await opener(trust.key);
  const parse = async () => parsedCheckpoint(await open(evidence.checkpoint));
  const sealed = await guarded("checkpoint", "checkpoint", parse);
  const first = sealed.digest ? carried(evidence, sealed, trust.trusted) : sealed;
  yield first;
  if (first.holds) {
    yield* contents(evidence, sealed, open, Boolean(trust.trusted), tables);
  }
}

async function* contents(evidence, sealed, open, byLogAlone, tables) {
  yield await history(evidence, sealed, open, byLogAlone);
  yield subject(evidence);
  const keys = await provedKeys(evidence, sealed);
  for (const record of evidence.records) {
    yield await guarded("record", "record", () => checkRecord(record, sealed, tables));
  }
  for (const absence of evidence.absences) {
    yield await guarded("absence", "absence", () => checkAbsence(absence, sealed));
  }
  const newcomers = await newcomersKeys(evidence.transactions);
  for (const one of evidence.transactions) {
    yield* checkTransaction(one, evidence.network, sealed, keys, newcomers);
  }
  if (!evidence.transactions.length && !evidence.records.length && !evidence.absences.length) {
    yield check("content", "content", false, "content_none");
  }
}

async function opener(keyText) {
  try {
    const key = await parsedKey(keyText);
    return (note) => openedNote(note, key);
  } catch (wrong) {
    return () => Promise.reject(wrong);
  }
}

/** The text of a note, or a bare text; nobody's signature on it counts, only what the header says. */
const textOfOrigin = (origin) => async (given) => {
  const text = given.includes("\n\n") ? splitNote(given).text : given;
  if (!text.startsWith(`${origin}\n`)) {
    throw new Unfit("other_origin", { expected: origin });
  }
  return text;
};

/** The checkpoint's text is the one that the key signed, or that the last header carries. */
function carried(evidence, sealed, trusted) {
  const found = { origin: sealed.origin, height: sealed.height, size: sealed.size, time_ms: sealed.timeMs };
  if (!trusted) {
    return check("checkpoint", "checkpoint", true, "checkpoint_signed", found);
  }
  const header = evidence.light.at(-1)?.header ?? trusted.header;
  const at = { block: header.height, chain: header.chain };
  if (header.height < trusted.header.height) {
    return check("checkpoint", "checkpoint", false, "checkpoint_older", { ...at, trusted: trusted.header.height });
  }
  if (!same(header.app_hash, sealed.digest)) {
    return check("checkpoint", "checkpoint", false, "checkpoint_other", at);
  }
  return check("checkpoint", "checkpoint", true, "checkpoint_carried", { ...found, ...at });
}

async function history(evidence, sealed, open, byLogAlone) {
  if (evidence.earlier === null) {
    return check("history", "history", true, "history_none");
  }
  return guarded("history", "history", async () => {
    const earlier = await parsedCheckpoint(await open(evidence.earlier.checkpoint));
    const holds = await isConsistent(earlier, sealed, evidence.earlier.consistency);
    const said = holds ? (byLogAlone ? "history_log" : "history_kept") : "history_rewritten";
    return check("history", "history", holds, said, { old: earlier.size, size: sealed.size, height: earlier.height });
  });
}

/** The record that the file says it is about is one that it shows. */
function subject(evidence) {
  const about = trimmed(`${evidence.subject.get("table") ?? ""} ${evidence.subject.get("key") ?? ""}`);
  if (!about) {
    return check("subject", "subject", true, "subject_none");
  }
  const shown = [...evidence.records.map((one) => one.proof.key), ...evidence.absences.map((one) => one.key)];
  const said = hex(utf8(about));
  const holds = shown.some((key) => hex(spaced(key, true)) === said);
  return check("subject", "subject", holds, holds ? "subject_shown" : "subject_missing", { about });
}

/** Without spaces at its ends, as Python counts spaces. */
function trimmed(text) {
  const letters = [...text];
  const isInner = (letter) => !SPACE.test(letter);
  return letters.slice(Math.max(0, letters.findIndex(isInner)), letters.findLastIndex(isInner) + 1).join("");
}
