/**
 * A newcomer's page: keys are made and locked into a backup, the registration is written and signed with the first of
 * them, and leaves as a file for the registrar. The keys are in this page alone, until it is closed.
 */

import { PASSWORD_CHARS, NotTaken, canMakeAll, madeBackup, openedBackup } from "./carried.js";
import { alert, facts, make, plainly } from "./dom.js";
import { toJson } from "./exact.js";
import { structure, tellWrongs, unmark } from "./fields.js";
import { Stuck, checkHanded, introduced, readHanded } from "./handing.js";
import { readPayload } from "./payload.js";
import { Reading } from "./reading.js";
import { base64url } from "./sending.js";
import { rowOf, stuck } from "./sharing.js";
import { inDialog, style } from "./sign.js";
import { utf8 } from "../verify/bytes.js";
import { say, tell } from "./words.js";

const MINUTE_MS = 60_000;
const TAG = "identity.register";
const FIELDS = ["name", "country", "registration", "roles", "registrar"];
const page = document.querySelector("[data-join]");
const part = (name) => page.querySelector(`[data-${name}]`);
const form = (name) => page.querySelector(`form[data-${name}]`);

/** What this page was told by the node, and how far this browser's clock is from the node's. */
function enter() {
  const here = JSON.parse(document.getElementById("room").content.textContent);
  const ahead = Date.now() - here.now_ms;
  return { ...here, now: () => Date.now() - ahead, names: here.registrars };
}

async function start() {
  style();
  const here = enter();
  if (!(await canMakeAll())) {
    part("unable").replaceChildren(alert("warn", tell(here, "no_ed25519"), tell(here, "join_unable")));
    return;
  }
  part("keys-step").hidden = false;
  form("new-keys").addEventListener("submit", (event) => attempt(event, here, newKeys));
  form("old-keys").addEventListener("submit", (event) => attempt(event, here, oldKeys));
}

/** One attempt at keys: what fails is told at its form. */
async function attempt(event, here, does) {
  event.preventDefault();
  const given = event.target;
  const why = given.querySelector("[data-failed]");
  const go = given.querySelector("button");
  why.hidden = true;
  go.disabled = true;
  try {
    await does(here, given.elements);
  } catch (error) {
    if (!(error instanceof NotTaken)) {
      throw error;
    }
    why.textContent = tell(here, error.message, { least: PASSWORD_CHARS });
    why.hidden = false;
  } finally {
    go.disabled = false;
  }
}

async function newKeys(here, { password, again }) {
  if (password.value.length < PASSWORD_CHARS) {
    throw new NotTaken("join_short");
  }
  if (password.value !== again.value) {
    throw new NotTaken("join_differ");
  }
  const text = await madeBackup(here.code, password.value);
  show(here, await openedBackup(text, password.value, here.code), text);
}

async function oldKeys(here, { backup, backup_password: password }) {
  const [file] = backup.files;
  show(here, await openedBackup(await file.text(), password.value, here.code));
}

/** The identity; what comes next waits until fresh keys were saved. */
function show(here, own, text) {
  const codes = own.keys.map((one) => [tell(here, one.purpose === "recover" ? "join_recovery" : "join_signing"),
    make("code", {}, plainly(one.kid))]);
  const told = facts([[tell(here, "join_did"), make("code", {}, own.did)], ...codes,
    [tell(here, "join_sealing"), make("code", {}, own.sealing)]]);
  part("identity").replaceChildren(told, ...(text ? saving(here, own, text) : []));
  part("keys-step").hidden = true;
  part("made").hidden = false;
  page.querySelector("#made-title").focus();
  if (!text) {
    goOn(here, own);
  }
}

function saving(here, own, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const download = `keys-${own.did.split(":").at(-1).slice(0, 12)}.json`;
  const save = make("a", { class: "button primary", href, download }, tell(here, "join_save"));
  save.addEventListener("click", () => goOn(here, own), { once: true });
  return [alert("warn", tell(here, "join_keep"), tell(here, "join_keep_do")), make("p", { class: "actions" }, save)];
}

function goOn(here, own) {
  const wrongs = [];
  const root = form("message");
  const offers = Object.keys(here.registrars).length ? { registrar: here.registrars } : {};
  const wrong = (one) => void wrongs.push(one);
  const built = structure(here, TAG, { path: "", needed: true, root, wrong, only: FIELDS, offers });
  const status = make("div", { "aria-live": "polite" });
  const go = make("button", { class: "button primary" }, tell(here, "review"));
  root.replaceChildren(built.element, make("div", { class: "actions" }, go), status);
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    unmark(root);
    status.replaceChildren();
    wrongs.length = 0;
    const said = built.read();
    if (wrongs.length) {
      tellWrongs(here, wrongs, status);
    } else {
      request(here, own, said);
    }
  });
  form("handed-here").addEventListener("submit", (event) => openHanded(event, here, own));
  const { file, text } = form("handed-here").elements;
  file.addEventListener("change", async () => {
    text.value = await file.files[0].text();
    file.value = "";
    form("handed-here").requestSubmit();
  });
  part("request").hidden = false;
  part("handed-step").hidden = false;
}

/** The registration in bytes, read again out of those bytes, and signed with the newcomer's first key. */
async function request(here, own, said) {
  const keys = own.keys.map((one) => ({ id: one.kid, public: one.public, purpose: one.purpose }));
  const message = { type: TAG, party: own.did, keys, agreement: own.sealing, ...said };
  const nonce = base64url(crypto.getRandomValues(new Uint8Array(18)));
  const until = Math.floor((here.now() + here.valid_ms) / MINUTE_MS) * MINUTE_MS;
  const raw = utf8(toJson({ messages: [message], network: here.network, nonce, valid_until_ms: until }));
  const payload = base64url(raw);
  const read = await readPayload(payload);
  const readings = read.messages.map((one) => new Reading(here, here.names, one));
  const row = { payload, said: read, readings, names: here.names, needs: [{ party: said.registrar }], helps: true };
  await inDialog(say(here, `sign_name.${TAG}`), async (ceremony) => {
    ceremony.enter(here);
    ceremony.show([row], own.keys.slice(0, 1));
  });
}

/** A registration that the registrar wrote and signed: it takes this newcomer's first key, and may be sent from here. */
async function openHanded(event, here, own) {
  event.preventDefault();
  const place = event.target.querySelector("[data-told]");
  place.replaceChildren();
  try {
    const handed = await readHanded(event.target.elements.text.value);
    await checkHanded(here, handed, { keys: here.keys, now_ms: here.now() });
    const [first] = own.keys;
    const [message] = handed.said.messages;
    if (message.get("type") !== TAG || introduced(handed.said.messages, first.kid)?.public !== first.public) {
      throw new Stuck("handed_not_mine", { party: own.did });
    }
    const has = (need) => handed.before.some(({ kid }) => (need.key ? kid === need.key : kid.startsWith(`${need.party}#`)));
    const needs = [{ party: own.did, key: first.kid }, { party: message.get("registrar") }].filter((one) => !has(one));
    const row = rowOf(here, handed, { names: here.names, needs });
    await inDialog(tell(here, "handed_title"), async (ceremony) => {
      ceremony.enter(here);
      ceremony.show([row], [first], [first]);
    });
  } catch (error) {
    if (!(error instanceof Stuck)) {
      throw error;
    }
    place.replaceChildren(stuck(here, error));
  }
}

if (page) {
  await start();
}
