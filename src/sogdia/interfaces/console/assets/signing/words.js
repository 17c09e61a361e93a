/** Who signs here, in which words: asked of the node once for a page. */

import { filled } from "../counted.js";
import { toJson } from "./exact.js";

let asked;

/**
 * @typedef {object} Room
 * @property {string} token @property {string} language @property {string} network @property {string} origin
 * @property {string} user @property {{did: string, name: string}} party
 * @property {{id: string, public: string, purpose: string, since_height: number, retired_height: number}[]} keys
 * @property {Record<string, string>} words @property {Record<string, object>} shapes
 * @property {Record<string, string>} senders @property {Record<string, number>} digits
 */

/** A refusal of the node, in its own words. */
export class Refused extends Error {}

/** Why something failed: in the node's own words, where it answered. @param {unknown} error @param {string} otherwise */
export const whyNot = (error, otherwise) => (error instanceof Refused && error.message) || otherwise;

/** @returns {Promise<Room>} */
export function room() {
  asked ??= enter().catch((error) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

/** The keys of the party as they stand on record now; the rest of the room is kept. @returns {Promise<Room>} */
export async function roomNow() {
  const kept = await room();
  return Object.assign(kept, await ask("signing/context"));
}

async function enter() {
  const context = await ask("signing/context");
  return { ...context, ...(await ask(`signing/words/${context.language}`)) };
}

/** JSON from below the console's root. @param {string} path @param {object} [body] @param {Room} [within] */
export async function ask(path, body, within) {
  const options = { headers: { accept: "application/json" } };
  if (within) {
    options.headers["accept-language"] = within.language;
  }
  if (body !== undefined) {
    options.method = "POST";
    options.body = toJson(body);
    options.headers["content-type"] = "application/json";
    options.headers["x-sogdia-token"] = within.token;
  }
  const answer = await fetch(`/console/${path}`, options);
  const told = await answer.json();
  if (!answer.ok) {
    throw new Refused(told.detail);
  }
  return told;
}

/** The sentence under a key with its fields filled in; nothing when there is none. */
export function say(here, key, fields = {}) {
  const found = here.words[key];
  return found === undefined ? undefined : filled(found, fields);
}

/** A sentence of the signing pages themselves. */
export const tell = (here, name, fields) => say(here, `console_signing.${name}`, fields) ?? name;

export const copying = (here) => ({ copy: tell(here, "copy"), copied: tell(here, "copied") });
