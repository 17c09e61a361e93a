/** Who signs one transaction: those who have, who does now, who is missing; and the file for the next of them. */

import { alert, badge, button, make, plainly } from "./dom.js";
import { Reading } from "./reading.js";
import { textOf } from "./values.js";
import { tell } from "./words.js";

const SHOWN = 16;

/** What a party is called: on record, or in a message by which it comes on record; else its identifier. */
export function nameOf(here, row, did) {
  const coming = row.said.messages.find((message) => message.get("party") === did && message.has("name"));
  return plainly(row.names?.[did] ?? (coming ? String(coming.get("name")) : did));
}

/** The signatures of a transaction as a list. @param {{now: object[], missing: object[]}} plan */
export function signatures(here, row, { now, missing }) {
  const has = (row.before ?? []).map(({ kid }) => (row.spare?.includes(kid)
    ? entry(here, row, kid, badge("warn", tell(here, "signature_spare")), tell(here, "signature_spare_do"))
    : entry(here, row, kid, badge("good", tell(here, "signature_holds")))));
  const mine = now.map(({ kid }) => entry(here, row, kid, badge("info", tell(here, "signature_now"))));
  const waits = missing.map((need) => entry(here, row, need.key || need.party, badge("wait", tell(here, "signature_missing")),
    need.party === here.party?.did && tell(here, need.key ? "signature_own_key" : "signature_own")));
  const title = make("h3", {}, tell(here, "signatures"));
  return make("section", { class: "signers" }, title, make("ul", { class: "rows" }, has, mine, waits));
}

function entry(here, row, kid, mark, hint) {
  const [did, key] = kid.split("#");
  const name = nameOf(here, row, did);
  const told = name === did ? null : make("bdi", {}, name);
  return make("li", {}, make("div", {},
    make("p", {}, told, " ", mark),
    make("p", {}, make("code", { class: "did" }, plainly(key ? `${did}#${key}` : did))),
    hint && make("p", { class: "hint" }, hint)));
}

/** The file to hand over, to be saved or copied. */
export function passing(here, row) {
  const href = URL.createObjectURL(new Blob([row.envelope], { type: "application/json" }));
  const download = `to-sign-${row.said.id.slice(0, SHOWN)}.json`;
  const save = make("a", { class: "button primary", href, download }, tell(here, "handed_save"));
  const text = make("textarea", { class: "json", rows: 4, readonly: true, "aria-label": tell(here, "handed_text") });
  text.value = row.envelope;
  const copy = button("", tell(here, "handed_copy"), async () => {
    try {
      await navigator.clipboard.writeText(row.envelope);
      copy.textContent = tell(here, "copied");
    } catch {
      text.select();
    }
  });
  return make("div", { class: "passing" }, make("p", { class: "actions" }, save, copy), text);
}

/** A sentence on why it cannot go on. */
export function stuck(here, error) {
  const { until, ...fields } = error.fields;
  const told = until === undefined ? fields : { ...fields, until: textOf(until, "instant", { here, names: {} }) };
  return alert("bad", tell(here, "handed_stuck"), tell(here, error.message, told));
}

/** One row for the dialog out of what was opened and what the node, or this page, knows of it. */
export function rowOf(here, handed, told) {
  const names = told.names ?? {};
  const readings = handed.said.messages.map((message) => new Reading(here, names, message));
  return { ...handed, names, readings, needs: told.needs, helps: told.helps, spare: told.spare, refusal: told.then };
}
