/** The page of keys: what is in this browser, making a key, taking one in, putting it on record, retiring one. */

import { alert, badge, button, commandLine, make, plainly } from "./dom.js";
import { hex } from "../verify/bytes.js";
import { failing, sign, style } from "./sign.js";
import { NotTaken, canSign, forget, keysHere, makeKey, signingKeys, takeIn } from "./store.js";
import { copying, roomNow, tell } from "./words.js";

const page = document.querySelector("[data-keys]");
const NAME = /^[A-Za-z0-9._~-]{1,64}$/;

async function start() {
  style();
  const here = await roomNow();
  if (!(await canSign())) {
    const line = "sogdia identity rotate --help";
    page.querySelector("[data-here]").replaceChildren(
      alert("warn", tell(here, "no_ed25519"), tell(here, "no_ed25519_do"), commandLine(line, copying(here))));
    return;
  }
  for (const section of page.querySelectorAll("[data-needs-keys]")) {
    section.hidden = false;
  }
  propose(here);
  page.querySelector("[data-make]").addEventListener("submit", (event) => made(event, here));
  page.querySelector("[data-take]").addEventListener("submit", (event) => taken(event, here));
  page.querySelector("[data-recover]").addEventListener("submit", (event) => recovered(event, here));
  await show(here);
}

/** A name that nobody used: a key id is never given twice. */
function propose() {
  const random = hex(crypto.getRandomValues(new Uint8Array(3)));
  page.querySelector("[name=key_name]").value = `browser-${new Date().toISOString().slice(0, 10)}-${random}`;
}

async function made(event, here) {
  event.preventDefault();
  const input = event.target.elements.key_name;
  const kid = `${here.party.did}#${input.value.trim()}`;
  const isTaken = here.keys.some((one) => one.id === kid) || (await keysHere(here)).some((one) => one.kid === kid);
  if (!NAME.test(input.value.trim()) || isTaken) {
    return failed(event.target, tell(here, isTaken ? "name_used" : "name_form"));
  }
  failed(event.target, "");
  await makeKey(here, kid);
  propose();
  return show(here, kid);
}

async function taken(event, here) {
  event.preventDefault();
  const form = event.target;
  const [file] = form.elements.carried.files;
  const go = form.querySelector("button");
  go.disabled = true;
  try {
    const { carried_password: password, with_recovery: withRecovery } = form.elements;
    const one = await takeIn(here, await file.text(), password.value, withRecovery.checked);
    form.reset();
    failed(form, "");
    await show(here, one.kid);
  } catch (error) {
    if (!(error instanceof NotTaken)) {
      throw error;
    }
    failed(form, tell(here, error.message));
  } finally {
    go.disabled = false;
  }
}

function failed(form, words) {
  const place = form.querySelector("[data-failed]");
  place.textContent = words;
  place.hidden = !words;
}

async function show(here, fresh = "") {
  const all = await keysHere(here);
  const signing = await signingKeys(here);
  const last = (one) => Number(!signing.some((key) => key.kid === one.kid));
  all.sort((one, other) => last(one) - last(other) || other.made_ms - one.made_ms);
  const rows = all.map((one) => row(here, one, signing, one.kid === fresh));
  const none = make("p", { class: "quiet" }, tell(here, "none_here"));
  page.querySelector("[data-here]").replaceChildren(rows.length ? make("ul", { class: "rows" }, rows) : none);
  page.querySelector("[data-here] [data-fresh]")?.focus();
  offerRecovery(here, all);
  for (const place of page.querySelectorAll("[data-kid]")) {
    mark(here, place, all, signing);
  }
}

/** Recovery is for parties with a recovery key on record; a key made here, not on record yet, takes the lost ones' place. */
function offerRecovery(here, all) {
  const section = page.querySelector("[data-recovers]");
  const keys = here.keys.filter((key) => key.purpose === "recover" && !key.retired_height);
  const fresh = all.filter((one) => !here.keys.some((key) => key.id === one.kid));
  const form = section.querySelector("form");
  const fill = (select, kids) =>
    select.replaceChildren(...kids.map((kid) => make("option", { value: kid }, plainly(kid.split("#")[1]))));
  section.hidden = keys.length === 0;
  fill(form.elements.recovery_key, keys.map((key) => key.id));
  fill(form.elements.fresh_key, fresh.map((one) => one.kid));
  form.querySelector("button").disabled = fresh.length === 0;
  section.querySelector("[data-no-fresh]").hidden = fresh.length > 0;
}

async function recovered(event, here) {
  event.preventDefault();
  const { recovery_key: recovery, fresh_key: fresh } = event.target.elements;
  const one = (await keysHere(here)).find((key) => key.kid === fresh.value);
  const message = { type: "identity.recover", party: here.party.did, recovery_key: recovery.value,
    key: { id: one.kid, public: one.public } };
  const results = await sign({ messages: [message], title: tell(here, "recover_title") });
  if (results?.[0].accepted) {
    location.reload();
  }
}

/** A key of the record's list: whether it is here, and a way to retire it. */
function mark(here, place, all, signing) {
  const { kid, status } = place.dataset;
  const isHere = all.some((one) => one.kid === kid);
  const going = () => record(here, { retire: [kid] }, tell(here, "retire_title"));
  const named = { "aria-label": `${tell(here, "retire")} ${kid.split("#")[1]}` };
  place.replaceChildren();
  if (isHere) {
    place.append(badge("info", tell(here, "here")));
  }
  if (status === "active" && signing.length > 0) {
    place.append(button("small danger", tell(here, "retire"), going, named));
  }
}

function row(here, one, signing, isFresh) {
  const found = here.keys.find((key) => key.id === one.kid);
  const state = !found || found.public !== one.public ? "waiting" : found.retired_height ? "retired" : "active";
  const kind = { waiting: "warn", retired: "quiet", active: "good" }[state];
  const name = one.kid.split("#")[1];
  const heading = make("b", { tabindex: isFresh ? "-1" : null, "data-fresh": isFresh }, plainly(name));
  const told = make("div", { class: "key" },
    make("p", {}, heading, " ", badge(kind, tell(here, `state_${state}`)),
      found?.purpose === "recover" && [" ", badge("info", tell(here, "for_recovery"))]),
    make("dl", { class: "facts" }, pair(tell(here, "key_id"), one.kid), pair(tell(here, "public_half"), one.public)),
    state === "waiting" && !found ? waiting(here, one, signing) : null);
  const named = { "aria-label": `${tell(here, "forget")}: ${name}` };
  const drop = button("small", tell(here, "forget"), () => dropped(here, one, state), named);
  told.append(make("div", { class: "actions" }, drop));
  return make("li", {}, told);
}

const pair = (words, value) => make("div", {}, make("dt", {}, words), make("dd", {}, make("code", {}, plainly(value))));

/** Two ways onto the record: another key here signs, or one in a keyring does. */
function waiting(here, one, signing) {
  const add = [{ id: one.kid, public: one.public }];
  const line = `sogdia identity rotate --party ${here.party.did} --add '${JSON.stringify(add)}' `
    + `--key NAME --keys FOLDER --to ${here.origin}`;
  const go = button("primary", tell(here, "put_on_record"), () => record(here, { add }, tell(here, "add_title")));
  return make("div", { class: "ways" },
    signing.length ? make("p", {}, go) : null,
    make("p", {}, tell(here, signing.length ? "or_by_command" : "add_by_command")),
    commandLine(line, copying(here)),
    make("p", { class: "hint" }, tell(here, "name_stands_for")));
}

async function record(here, change, title) {
  const results = await sign({ messages: [{ type: "identity.rotate", party: here.party.did, ...change }], title });
  if (results?.[0].accepted) {
    location.reload();
  }
}

/** A key that signs goes only after a second look: nobody can make it again. */
async function dropped(here, one, state) {
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "forget-title" });
  const away = button("danger", tell(here, "forget"), () => dialog.close("forget"));
  const keep = button("", tell(here, "cancel"), () => dialog.close());
  dialog.append(make("h2", { id: "forget-title" }, tell(here, "forget_title", { key: one.kid.split("#")[1] })),
    make("p", {}, state === "active" ? tell(here, "forget_active") : tell(here, "forget_idle")),
    make("div", { class: "actions" }, away, keep));
  document.body.append(dialog);
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  dialog.remove();
  if (dialog.returnValue === "forget") {
    await forget(one);
    await show(here);
  }
}

if (page) {
  await start().catch(failing((told) => page.querySelector("[data-here]").replaceChildren(told)));
}
