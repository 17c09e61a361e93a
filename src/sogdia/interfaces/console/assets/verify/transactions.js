/** Transactions: that the receipt stands in the log, is of these very bytes, and that keys on record signed them. */

import { fromBase64url, fromHex, hex, sha256, utf8 } from "./bytes.js";
import { check, failed, guarded } from "./check.js";
import { isSigned } from "./ed25519.js";
import { readEnvelope, readHeader, readReceipt } from "./evidence.js";
import { isIncluded, leafHash } from "./log.js";

const EDDSA = "EdDSA";
/** Fields that name a party by its role; of a party in several the last one signs. */
const ROLES = ["seller", "platform", "institution", "carrier", "broker", "customs"];

/** The four checks of one transaction, or the one that it cannot be read. */
export async function* checkTransaction(one, network, sealed, keys, newcomers) {
  let receipt, envelope, payload;
  try {
    receipt = readReceipt(one.receipt);
    envelope = readEnvelope(one.envelope);
    payload = fromBase64url(envelope.payload);
  } catch (wrong) {
    yield failed("transaction", "transaction", wrong);
    return;
  }
  const name = `transaction ${[...receipt.transaction.slice(0, 32)].slice(0, 16).join("")}`;
  yield await guarded("logged", `${name} logged`, () => logged(name, one, receipt, sealed));
  yield check("network", `${name} network`, receipt.network === network, "decided_on", { network: receipt.network });
  yield await sameBytes(name, one, receipt, payload);
  const atHand = receipt.code === 0n ? newcomers : new Map();
  yield await guarded("signed", `${name} signed`, () => signed(name, envelope, receipt, keys, atHand));
}

async function logged(name, one, receipt, sealed) {
  const holds = await isIncluded(sealed, one.leaf, await leafHash(utf8(one.receipt)), one.inclusion);
  const decided = receipt.code === 0n ? "logged_accepted" : "logged_refused";
  const fields = { height: receipt.height, leaf: one.leaf, code: receipt.code, time_ms: receipt.time_ms };
  return check("logged", `${name} logged`, holds, holds ? decided : "logged_missing", fields);
}

async function sameBytes(name, one, receipt, payload) {
  const isEnvelope = hex(await sha256(utf8(one.envelope))) === receipt.envelope;
  const holds = isEnvelope && hex(await sha256(payload)) === receipt.transaction;
  return check("bytes", `${name} bytes`, holds, holds ? "bytes_received" : "bytes_other", said(payload));
}

/** For people: the types of the messages, with the code that customs answers, and in which roles they name whom. */
function said(payload) {
  try {
    const { messages } = JSON.parse(new TextDecoder().decode(payload));
    const roles = new Map(ROLES.flatMap((role) => messages.map((one) => [one[role], role])));
    const asks = [...new Set(messages.map((one) => [one.type, one.code].filter(isToldOf).join(" ")))].slice(0, 5);
    return { asks, roles };
  } catch {
    return { asks: [], roles: new Map() };
  }
}

const isToldOf = (value) => typeof value === "string" || Number.isInteger(value);

/** Each signature holds under a key that was in force, or that names a party which was on no record yet. */
async function signed(name, envelope, receipt, keys, newcomers) {
  const told = (holds, said, fields) => check("signed", `${name} signed`, holds, said, fields);
  const parties = [];
  for (const one of envelope.signatures) {
    const header = readHeader(fromBase64url(one.protected));
    let key = keys.get(header.kid);
    if (key === undefined || receipt.height < key.since) {
      key = newcomers.get(header.kid) ?? key;
    }
    if (key === undefined) {
      return told(false, "key_unproved", { kid: header.kid });
    }
    const input = utf8(`${one.protected}.${envelope.payload}`);
    const good = await isSigned(fromHex(key.public), input, fromBase64url(one.signature));
    if (!good || header.alg !== EDDSA || header.alg !== key.scheme) {
      return told(false, "signature_false", { kid: header.kid });
    }
    if (receipt.height < key.since || (key.retired && receipt.height > key.retired)) {
      return told(false, "key_not_in_force", { kid: header.kid, height: receipt.height });
    }
    parties.push(key.party);
  }
  const said = parties.length ? "signed_by" : "signed_nobody";
  return told(parties.length > 0, said, { parties: parties.join(", "), list: parties });
}
