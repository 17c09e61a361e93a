/**
 * Keys of parties that were on no record yet when they signed: who applies for membership, and who takes that back. An
 * identifier is made of the party's first key, so whoever shows that key shows the one that is meant. As
 * `sogdia.client.newcomers`, where the reasons stand.
 */

import { fromBase64url, fromHex, textOf } from "./bytes.js";
import { readEnvelope } from "./evidence.js";
import { endOf } from "./identifiers.js";

const APPLICATION = "governance.apply";
/** did:bid of an Ed25519 key in Base58, with or without a network's code. */
const IDENTIFIER = /^did:bid:(?:[a-z0-9]{4}:)?ef([0-9A-Za-z]{20,40})$/;

/** The keys, by their ids, after which the applicants of these transactions are named; what is odd brings none. */
export async function newcomersKeys(transactions) {
  const found = new Map();
  for (const { envelope } of transactions) {
    try {
      const { messages } = JSON.parse(textOf(fromBase64url(readEnvelope(envelope).payload)));
      for (const key of await brought(messages)) {
        found.set(key.id, key);
      }
    } catch {
      // it is told of where the transaction itself is checked
    }
  }
  return found;
}

async function brought(messages) {
  const found = [];
  for (const { type, organisation } of messages) {
    if (type === APPLICATION && organisation) {
      const { id, public: public_ } = organisation.keys[0];
      const party = id.split("#")[0];
      if (await isNamedAfter(party, fromHex(public_))) {
        found.push({ id, party, scheme: "EdDSA", public: public_, since: 0n, retired: 0n });
      }
    }
  }
  return found;
}

async function isNamedAfter(party, key) {
  return key.length === 32 && IDENTIFIER.exec(party)?.[1] === (await endOf(key));
}
