/**
 * THE way to act: `await sign({ messages | groups, title })`.
 *
 * The node prepares the bytes, this browser reads them, shows what they say, and signs them after the person says so.
 * `messages` is one transaction, `groups` are several, one list of messages each. Resolves, when the dialog is closed,
 * with one result for each transaction in order: `{transaction, accepted, code, text, fields, height, receipt,
 * expected}`. `receipt` is null for what did not go on record; `code` is null for what was not sent, or not answered,
 * and `expected` then says as which refusal it was left out. With null when nothing was sent. Throws nothing: what goes
 * wrong is told in the dialog.
 */

import { alert, commandLine, make } from "./dom.js";
import { Ceremony } from "./ceremony.js";
import { canSign, signingKeys } from "./store.js";
import { Refused, ask, copying, roomNow, tell } from "./words.js";
import { Unfit } from "../verify/bytes.js";
import { readPayload } from "./payload.js";
import { Reading } from "./reading.js";

const AT_A_TIME = 1_000;

/** @param {{messages?: object[], groups?: object[][], title?: string}} asked */
export async function sign({ messages, groups = Array.isArray(messages?.[0]) ? messages : [messages], title = "" }) {
  style();
  const dialog = make("dialog", { class: "dialog signing", "aria-labelledby": "signing-title", "aria-busy": "true" });
  const heading = make("h2", { id: "signing-title", tabindex: "-1" }, title || " ");
  const body = make("div", { class: "signing-body", tabindex: "0", role: "region", "aria-labelledby": "signing-title" },
    make("p", { class: "loading", role: "status" }, make("span", { class: "spinner", "aria-hidden": "true" })));
  const foot = make("div", { class: "actions" });
  dialog.append(heading, body, foot);
  document.body.append(dialog);
  dialog.showModal();
  heading.focus();
  const closed = new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  const ceremony = new Ceremony({ dialog, heading, body, foot, title });
  await begin(ceremony, groups);
  await closed;
  await ceremony.sending;
  dialog.remove();
  return ceremony.results();
}

async function begin(ceremony, groups) {
  try {
    const here = await roomNow();
    ceremony.enter(here);
    const keys = (await canSign()) ? await signingKeys(here) : null;
    if (!keys?.length) {
      ceremony.say(...withoutKey(here, keys, groups));
      return;
    }
    ceremony.show(await prepared(here, groups, keys[0].kid), keys);
  } catch (error) {
    ceremony.fail(error);
  }
}

/** Payloads as the node made them, each with what its own bytes say. */
async function prepared(here, groups, kid) {
  const rows = [];
  const names = {};
  for (let at = 0; at < groups.length; at += AT_A_TIME) {
    const told = await ask("prepare", { groups: groups.slice(at, at + AT_A_TIME), kid }, here);
    Object.assign(names, told.names);
    for (const { payload, refusal } of told.prepared) {
      const said = await readPayload(payload);
      if (said.network !== here.network) {
        throw new Unfit("other_network");
      }
      rows.push({ payload, refusal, said });
    }
  }
  if (rows.length !== groups.length) {
    throw new Unfit("other_number");
  }
  for (const row of rows) {
    row.readings = row.said.messages.map((message) => new Reading(here, names, message));
  }
  return rows;
}

/** Why nothing can be signed here, and the line that does the same in a terminal. */
function withoutKey(here, keys, groups) {
  const words = keys === null ? "no_ed25519" : "no_key_here";
  const said = [alert("warn", tell(here, words, { party: here.party.name }), tell(here, `${words}_do`))];
  if (keys !== null) {
    said.push(make("p", {}, make("a", { class: "button", href: "/console/keys" }, tell(here, "to_keys"))));
  }
  if (groups.length === 1 && groups[0].length === 1) {
    const [domain, verb] = groups[0][0].type.split(".");
    const command = `sogdia ${domain} ${verb.replaceAll("_", "-")}`;
    const line = `${command} --json message.json --key NAME --keys FOLDER --to ${here.origin}`;
    const file = new Blob([JSON.stringify(groups[0][0], null, 2)], { type: "application/json" });
    const href = URL.createObjectURL(file);
    const link = make("a", { class: "button small", download: "message.json", href }, tell(here, "save_message"));
    said.push(make("p", {}, tell(here, "by_command")), commandLine(line, copying(here)), make("p", {}, link));
  }
  return said;
}

/** The style sheet of what this module makes, once for a page. */
export function style() {
  const href = new URL("signing.css", import.meta.url).href;
  const known = [...document.querySelectorAll("link[rel=stylesheet]")];
  if (!known.some((one) => one.href === href)) {
    document.head.append(make("link", { rel: "stylesheet", href }));
  }
}

export { Refused };
