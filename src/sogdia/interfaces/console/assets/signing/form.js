/**
 * A message as a form, made from its shape; what was filled in goes to `sign`, which shows and signs it. What the node
 * took from the record stands in the fields: those that a person gives come first, the others are folded away.
 */

import { alert, commandLine, make } from "./dom.js";
import { structure, tellWrongs, unmark } from "./fields.js";
import { plain } from "./payload.js";
import { became, failing, sign, style } from "./sign.js";
import { parsed } from "../verify/json.js";
import { copying, room, tell } from "./words.js";

const form = document.querySelector("form[data-message]");

async function start() {
  style();
  const here = await room();
  const tag = form.dataset.message;
  const wrongs = [];
  const wrong = (one) => void wrongs.push(one);
  const built = parts(here, tag, { path: "", needed: true, root: form, sender: here.senders[tag], wrong });
  const status = make("div", { "aria-live": "polite" });
  const go = make("button", { class: "button primary" }, tell(here, "review"));
  form.replaceChildren(...built.map((one) => one.element), make("div", { class: "actions" }, go), status);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    unmark(form);
    status.replaceChildren();
    wrongs.length = 0;
    const message = Object.assign({ type: tag }, ...built.map((one) => one.read()));
    if (wrongs.length) {
      tellWrongs(here, wrongs, status);
    } else {
      submit(here, message, status);
    }
  });
  const [domain, verb] = tag.split(".");
  const line = `sogdia ${domain} ${verb.replaceAll("_", "-")} --help`;
  document.querySelector("[data-command]").replaceChildren(commandLine(line, copying(here)));
}

/** The fields in one piece, or in two when the record tells most of them. */
function parts(here, tag, place) {
  if (!form.dataset.given) {
    return [structure(here, tag, place)];
  }
  const told = plain(parsed(form.dataset.given));
  const given = told.get("values");
  const filled = { ...place, given, currency: given.get("currency") };
  const asks = told.get("asks");
  const rest = here.shapes[tag].fields.map((field) => field.name).filter((name) => !asks.includes(name));
  const kept = structure(here, tag, { ...filled, only: rest });
  const summary = make("summary", {}, tell(here, "from_record", { n: rest.length }));
  kept.element = make("details", { class: "whole" }, summary, kept.element);
  return asks.length ? [structure(here, tag, { ...filled, only: asks }), kept] : [kept];
}

async function submit(here, message, status) {
  const results = await sign({ messages: [message], title: form.dataset.title });
  const done = results?.[0];
  if (done) {
    const to = done.accepted && form.dataset.back;
    const back = to && make("p", {}, make("a", { href: to }, tell(here, "back_to_order")));
    status.replaceChildren(...[became(here, done), back].filter(Boolean));
  }
}

if (form) {
  await start().catch(failing((told) => form.replaceChildren(told)));
}
