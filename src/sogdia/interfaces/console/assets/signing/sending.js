/** Signs payloads and hands them in. Sending the same signed bytes again is safe: an id goes on record once. */

import { toBase64, utf8 } from "../verify/bytes.js";
import { Refused, whyNot } from "./words.js";

const AT_A_TIME = 50;
const BYTES_AT_A_TIME = 4 * 1024 * 1024;

/** Bytes as base64url without padding. @param {Uint8Array} raw */
export const base64url = (raw) => toBase64(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/**
 * A transaction as `sogdia.core.transaction` reads it: a JWS in General JSON form.
 * @param {string} payload @param {{key: CryptoKey, kid: string}[]} keys
 * @param {{protected: string, signature: string}[]} [before] signatures that it has already @returns {Promise<string>}
 */
export async function signed(payload, keys, before = []) {
  const signatures = before.map((one) => ({ protected: one.protected, signature: one.signature }));
  for (const { key, kid } of keys) {
    const header = base64url(utf8(JSON.stringify({ alg: "EdDSA", kid })));
    const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key, utf8(`${header}.${payload}`)));
    signatures.push({ protected: header, signature: base64url(signature) });
  }
  return JSON.stringify({ payload, signatures });
}

/**
 * Hands in and waits for the receipts. What the node did not answer stays without one, to be sent again.
 * @param {{envelope: string, answer?: object, failed?: string}[]} rows taken in this order
 * @param {string} language of refusals @param {(done: number) => void} told
 */
export async function send(rows, language, told) {
  const open = rows.filter((row) => !row.answer);
  let done = rows.length - open.length;
  for (let at = 0; at < open.length; ) {
    const part = taken(open, at);
    at += part.length;
    try {
      const answers = await handIn(part, language);
      part.forEach((row, place) => Object.assign(row, { answer: answers[place], failed: undefined }));
      done += part.length;
      told(done);
    } catch (error) {
      for (const row of open.slice(at - part.length)) {
        row.failed = whyNot(error, "");
      }
      return;
    }
  }
}

function taken(rows, from) {
  let bytes = 0;
  const found = rows.slice(from, from + AT_A_TIME);
  const end = found.findIndex((row) => (bytes += row.envelope.length) > BYTES_AT_A_TIME);
  return end < 0 ? found : found.slice(0, Math.max(1, end));
}

async function handIn(rows, language) {
  const answer = await fetch("/transactions", {
    method: "POST",
    headers: { "content-type": "application/x-ndjson", accept: "application/x-ndjson", "accept-language": language },
    body: rows.map((row) => `${row.envelope}\n`).join(""),
  });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Refused(JSON.parse(text).detail);
  }
  const answers = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  if (answers.length !== rows.length) {
    throw new Refused("");
  }
  return answers;
}
