/**
 * Runs the page's own modules in node. Each question on standard input is four bytes of length (big end first), then
 * JSON: {ask, ...}; bytes are base64. Each answer is a line of JSON.
 */

import { pathToFileURL } from "node:url";

const room = pathToFileURL(`${process.argv[2]}/`);
const load = (name) => import(new URL(name, room));
const { hex, sha256 } = await load("bytes.js");
const { checkRule, isSigned } = await load("ed25519.js");
const { readEvidence } = await load("evidence.js");
const { readTrusted } = await load("trusted.js");
const { parsedKey } = await load("note.js");
const { parsed } = await load("json.js");
const { any } = await load("shapes.js");
const { spelt } = await load("plain.js");
const { unpacked } = await load("msgpack.js");
const { verify } = await load("verify.js");

const raw = (text) => new Uint8Array(Buffer.from(text, "base64"));
const held = {};

const ANSWERS = {
  /** Remembers what to trust and the tables, for the questions that follow. */
  async trust({ key, trusted, tables, nowMs, periodMs }) {
    held.tables = tables;
    held.trust = trusted ? { trusted: await readTrusted(raw(trusted)) } : { key };
    if (periodMs !== undefined) {
      Object.assign(held.trust, { nowMs: BigInt(nowMs), periodMs: BigInt(periodMs) });
    }
    return "trusted";
  },
  async verify({ file }) {
    const found = [];
    let evidence;
    try {
      evidence = readEvidence(raw(file));
    } catch (wrong) {
      return { unreadable: wrong.why ?? String(wrong) };
    }
    for await (const { name, holds, said } of verify(evidence, held.trust, held.tables)) {
      found.push([name, holds, said]);
    }
    return { checks: found };
  },
  readTrusted: async ({ file }) => (await readTrusted(raw(file))).fingerprint,
  key: async ({ text }) => (await parsedKey(text)).name,
  signed: ({ key, message, signature }) => isSigned(raw(key), raw(message), raw(signature)),
  sha256: async ({ parts }) => hex(await sha256(...parts.map(raw))),
  rule: async () => (await checkRule()) ?? true,
  json: ({ file }) => spelt(any(parsed(raw(file)))),
  msgpack: ({ file }) => spelt(unpacked(raw(file))),
};

async function answer(question) {
  try {
    return { answer: await ANSWERS[question.ask](question) };
  } catch (wrong) {
    return { refused: wrong.why ?? "", problem: String(wrong) };
  }
}

let kept = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  kept = kept.length ? Buffer.concat([kept, chunk]) : chunk;
  while (kept.length >= 4 && kept.length >= 4 + kept.readUInt32BE()) {
    const end = 4 + kept.readUInt32BE();
    const question = JSON.parse(kept.subarray(4, end).toString());
    kept = kept.subarray(end);
    process.stdout.write(`${JSON.stringify(await answer(question))}\n`);
  }
}
