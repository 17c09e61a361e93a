/** What somebody handed over: read in this browser, checked, then shown in the dialog in which it is signed. */

import { alert, make } from "./dom.js";
import { Stuck, checkHanded, readHanded } from "./handing.js";
import { rowOf, stuck } from "./sharing.js";
import { became, failing, inDialog, style } from "./sign.js";
import { canSign, servingKeys, signingKeys } from "./store.js";
import { Refused, ask, roomNow, tell, whyNot } from "./words.js";

const form = document.querySelector("form[data-handed]");

async function open(here, text) {
  const handed = await readHanded(text);
  const told = await ask("signing/handed", { envelope: text.trim() }, here);
  if (told.refusal && !told.keys) {
    throw new Refused(told.refusal.text); // bytes that this browser reads and the record does not
  }
  if (told.height) {
    throw new Stuck("handed_on_record", { height: told.height });
  }
  await checkHanded(here, handed, told);
  if (told.refusal && !told.needs) {
    throw new Refused(told.refusal.text);
  }
  const keys = (await canSign()) ? await signingKeys(here) : [];
  const serving = await servingKeys(here, handed.said.messages);
  return inDialog(tell(here, "handed_title"), async (ceremony) => {
    ceremony.enter(here);
    ceremony.show([rowOf(here, handed, told)], keys, serving);
  });
}

async function start() {
  style();
  const here = await roomNow();
  const { file, text } = form.elements;
  const place = form.querySelector("[data-told]");
  const go = form.querySelector("button.primary");
  form.hidden = false;
  file.addEventListener("change", async () => {
    text.value = await file.files[0].text();
    file.value = "";
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go.disabled) {
      return; // one at a time
    }
    go.disabled = true;
    place.replaceChildren();
    try {
      const [done] = (await open(await roomNow(), text.value)) ?? [];
      if (done) {
        place.replaceChildren(became(here, done));
      }
    } catch (error) {
      place.replaceChildren(problem(here, error));
    } finally {
      go.disabled = false;
    }
  });
}

function problem(here, error) {
  if (error instanceof Stuck) {
    return stuck(here, error);
  }
  const words = whyNot(error, tell(here, "no_answer_do"));
  return alert("bad", tell(here, "handed_stuck"), make("p", {}, words));
}

if (form) {
  await start().catch(failing((told) => form.before(told)));
}
