/** A message as a form, made from its shape; what was filled in goes to `sign`, which shows and signs it. */

import { alert, commandLine, make } from "./dom.js";
import { Wrong, structure } from "./fields.js";
import { sign, style } from "./sign.js";
import { copying, room, tell } from "./words.js";

const form = document.querySelector("form[data-message]");

async function start() {
  style();
  const here = await room();
  const tag = form.dataset.message;
  const built = structure(here, tag, { path: "", needed: true, root: form, sender: here.senders[tag] });
  const status = make("div", { "aria-live": "polite" });
  const go = make("button", { class: "button primary" }, tell(here, "review"));
  form.replaceChildren(built.element, make("div", { class: "actions" }, go), status);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(here, tag, built, status);
  });
  const [domain, verb] = tag.split(".");
  const line = `sogdia ${domain} ${verb.replaceAll("_", "-")} --help`;
  document.querySelector("[data-command]").replaceChildren(commandLine(line, copying(here)));
}

async function submit(here, tag, built, status) {
  status.replaceChildren();
  for (const input of form.elements) {
    input.setCustomValidity?.("");
  }
  let message;
  try {
    message = { type: tag, ...built.read() };
  } catch (error) {
    if (!(error instanceof Wrong)) {
      throw error;
    }
    error.input.setCustomValidity(error.message);
    error.input.reportValidity();
    error.input.addEventListener("input", () => error.input.setCustomValidity(""), { once: true });
    return;
  }
  const results = await sign({ messages: [message], title: form.dataset.title });
  const done = results?.[0];
  if (done?.accepted) {
    status.replaceChildren(alert("good", tell(here, "accepted", { height: done.height })));
  } else if (done) {
    status.replaceChildren(alert("bad", tell(here, "refused"), done.text));
  }
}

if (form) {
  await start();
}
