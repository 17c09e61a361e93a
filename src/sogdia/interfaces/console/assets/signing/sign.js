/**
 * THE way to act: `await sign({ messages | groups, title })`.
 *
 * The node prepares the bytes, this browser reads them, shows what they say, and signs them after the person says so.
 * `messages` is one transaction, `groups` are several, one list of messages each. Resolves, when the dialog is closed,
 * with one result for each transaction in order: `{transaction, accepted, code, text, fields, height, receipt,
 * expected}`. `receipt` is null for what did not go on record; `code` is null for what was not sent, or not answered,
 * and `expected` then says as which refusal it was left out. With null when nothing was sent, also when it was signed
 * and handed over because others must sign too. Throws nothing: what goes wrong is told in the dialog.
 */

import { alert, button, commandLine, make } from "./dom.js";
import { Ceremony } from "./ceremony.js";
import { toJson } from "./exact.js";
import { planned } from "./handing.js";
import { canSign, servingKeys, signingKeys } from "./store.js";
import { Refused, ask, copying, roomNow, tell, whyNot } from "./words.js";
import { Unfit, utf8 } from "../verify/bytes.js";
import { readPayload } from "./payload.js";
import { Reading } from "./reading.js";

const AT_A_TIME = 1_000;
const BYTES_AT_A_TIME = 2 * 1024 * 1024;

/** @param {{messages?: object[], groups?: object[][], title?: string}} asked */
export function sign({ messages, groups = Array.isArray(messages?.[0]) ? messages : [messages], title = "" }) {
  return inDialog(title, (ceremony) => begin(ceremony, groups));
}

/** A dialog in which something is shown, signed and sent. @param {(ceremony: Ceremony) => Promise<void>} begins */
export async function inDialog(title, begins) {
  style();
  const dialog = make("dialog", { class: "dialog signing", "aria-labelledby": "signing-title", "aria-busy": "true" });
  const heading = make("h2", { id: "signing-title", tabindex: "-1" }, title || " ");
  const { wait, away } = document.body.dataset;
  const body = make("div", { class: "signing-body", tabindex: "0", role: "region", "aria-labelledby": "signing-title" },
    make("p", { class: "loading", role: "status" }, make("span", { class: "spinner", "aria-hidden": "true" }), wait));
  const foot = make("div", { class: "actions" }, button("", away, () => dialog.close()));
  dialog.append(heading, body, foot);
  document.body.append(dialog);
  dialog.showModal();
  heading.focus();
  const closed = new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  const ceremony = new Ceremony({ dialog, heading, body, foot, title });
  await Promise.race([begins(ceremony).catch((error) => ceremony.fail(error)), closed]);
  await closed;
  await ceremony.sending;
  dialog.remove();
  return ceremony.results();
}

async function begin(ceremony, groups) {
  const here = await roomNow();
  ceremony.enter(here);
  const keys = (await canSign()) ? await signingKeys(here) : null;
  if (!keys || (!keys.length && groups.length > 1)) {
    ceremony.say(...withoutKey(here, keys, groups));
    return;
  }
  const rows = await prepared(here, groups, keys[0]?.kid ?? "");
  const serving = rows.length === 1 ? await servingKeys(here, rows[0].said.messages) : [];
  const isShared = rows.length === 1 && rows[0].needs && planned(here, rows[0], keys[0], serving).now.length > 0;
  if (!isShared && !keys.length) {
    ceremony.say(...withoutKey(here, keys, groups));
    return;
  }
  if (isShared) {
    rows[0].refusal = rows[0].then;
  } else {
    rows.forEach((row) => delete row.needs);
  }
  ceremony.show(rows, keys, serving);
}

/** Groups in parts that the node takes at a time, by number and by bytes. */
export function* inParts(groups) {
  let [part, bytes] = [[], 0];
  for (const group of groups) {
    const size = utf8(toJson(group)).length;
    if (part.length === AT_A_TIME || (part.length && bytes + size > BYTES_AT_A_TIME)) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(group);
    bytes += size;
  }
  yield part;
}

/** Payloads as the node made them, each with what its own bytes say. A later part is judged after those before it. */
async function prepared(here, groups, kid) {
  const rows = [];
  const names = {};
  let [after, left] = ["", groups.length];
  for (const part of inParts(groups)) {
    left -= part.length;
    const told = await ask("prepare", { groups: part, kid, after, more: left > 0 }, here);
    after = told.after;
    Object.assign(names, told.names);
    for (const one of told.prepared) {
      const said = await readPayload(one.payload);
      if (said.network !== here.network) {
        throw new Unfit("other_network");
      }
      rows.push({ ...one, said, names });
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

/** What became of one transaction, for the page whose dialog is closed. @param {object} done a result of `sign` */
export function became(here, done) {
  if (done.accepted) {
    return alert("good", tell(here, "accepted", { height: done.height }));
  }
  if (done.code === null) {
    const href = `/console/network/log/transaction/${done.transaction}`;
    const link = here.party && make("p", {}, make("a", { class: "button small", href }, tell(here, "look_up")));
    return alert("warn", tell(here, "unanswered", { n: 1 }), tell(here, "not_anew"), link);
  }
  return alert("bad", tell(here, "refused"), done.text);
}

/**
 * A page that cannot be made says why; what is ours the browser's log explains too.
 * @param {(told: HTMLElement) => void} put @returns {(error: unknown) => void} for `catch`
 */
export const failing = (put) => (error) => {
  put(alert("bad", whyNot(error, document.body.dataset.trouble)));
  if (!(error instanceof Refused)) {
    throw error;
  }
};

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
    const file = new Blob([toJson(groups[0][0])], { type: "application/json" });
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
