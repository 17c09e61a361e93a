/** Does the checking beside the page, so that the page stays awake: takes a file and a trust, tells as it goes. */

import { Unfit } from "./bytes.js";
import { checkRule } from "./ed25519.js";
import { MAX_BYTES, readEvidence } from "./evidence.js";
import { parsedKey } from "./note.js";
import { readTrusted } from "./trusted.js";
import { verify } from "./verify.js";

const DAY_MS = 86_400_000n;
const TELL_EVERY_MS = 50;
/** More records than anybody opens are not told field by field; who the parties are always is. */
const MOST_SHOWN = 400;
const NAMES = "identity.party";

/** The network's key, or a trusted header, whichever the text is. */
async function trustOf(text, days) {
  const given = text.trim();
  if (!given) {
    throw new Unfit("trust_none");
  }
  if (!given.startsWith("{")) {
    await parsedKey(given);
    if (days) {
      throw new Unfit("period_of_key");
    }
    return { key: given };
  }
  const trusted = await readTrusted(given);
  return days ? { trusted, nowMs: BigInt(Date.now()), periodMs: BigInt(days) * DAY_MS } : { trusted };
}

/** What stands for the file, and how many checks of each kind are to come. */
function outlineOf(evidence, trust) {
  const { transactions, records, absences, light } = evidence;
  const { key, trusted } = trust;
  const each = transactions.length;
  const expected = { checkpoint: 1, history: 1, subject: 1, record: records.length, absence: absences.length };
  Object.assign(expected, { logged: each, network: each, bytes: each, signed: each });
  if (trusted) {
    Object.assign(expected, { trusted: 1, period: trust.periodMs === undefined ? 0 : 1, light: light.length });
  }
  const about = { table: evidence.subject.get("table") ?? "", key: evidence.subject.get("key") ?? "" };
  const basis = trusted ? { hash: trusted.fingerprint, height: trusted.header.height } : { key };
  return { kind: "outline", network: evidence.network, about, basis, expected };
}

/** What a part of the work threw is said of that part. */
async function partly(part, work) {
  try {
    return await work();
  } catch (wrong) {
    const why = wrong instanceof Unfit ? wrong : new Unfit("unknown", { problem: String(wrong?.message ?? wrong) });
    throw Object.assign(why, { part });
  }
}

async function run({ file, trust: given, days, tables }, tell) {
  await partly("browser", checkRule);
  const trust = await partly("trust", () => trustOf(given, days));
  const evidence = await partly("file", async () => {
    if (file.size > MAX_BYTES) {
      throw new Unfit("size", { found: file.size, most: MAX_BYTES });
    }
    return readEvidence(new Uint8Array(await file.arrayBuffer()));
  });
  if (!trust.trusted && evidence.light.length) {
    throw Object.assign(new Unfit("trust_header_due"), { part: "trust" });
  }
  tell(outlineOf(evidence, trust));
  await partly("file", async () => {
    let checks = [];
    let told = performance.now();
    let shown = 0;
    for await (const one of verify(evidence, trust, tables)) {
      shown += one.shown ? 1 : 0;
      checks.push(shown > MOST_SHOWN && one.table !== NAMES ? { ...one, shown: undefined } : one);
      if (performance.now() - told > TELL_EVERY_MS) {
        tell({ kind: "checks", checks });
        checks = [];
        told = performance.now();
      }
    }
    tell({ kind: "checks", checks });
  });
  tell({ kind: "done" });
}

addEventListener("message", async ({ data }) => {
  const tell = (told) => postMessage({ ...told, run: data.run });
  try {
    await run(data, tell);
  } catch (wrong) {
    tell({ kind: "unfit", part: wrong.part ?? "file", why: wrong.why ?? "unknown", fields: wrong.fields ?? {} });
  }
});
postMessage({ kind: "ready" });
