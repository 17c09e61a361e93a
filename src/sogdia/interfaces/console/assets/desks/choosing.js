/**
 * Rows are chosen, the node prepares a message for each, the signing dialog shows what they say and signs them.
 *
 * What the pages of acts (`acts.js`) and of the customs desk (`customs.js`) share: the boxes and their count, and the
 * way from a wish to what is on record. What is wished for, and where it leads, is told by each of them.
 */

import { filled } from "../counted.js";
import { make, serve } from "../signing/dom.js";
import { sign } from "../signing/sign.js";
import { ask, roomNow, whyNot } from "../signing/words.js";

const SETTLED_MS = 700; // the picture follows the record
const SHOWN = 50;

for (const told of document.querySelectorAll("[data-without]")) {
  told.hidden = true;
}

/** Whether the node prepares, a dialog is open, or the page is about to be left. */
let isBusy = false;

const words = (why) => document.getElementById("words").content.querySelector(`[data-why="${why}"]`).textContent;

/** Boxes of this name, those that choose all around them, how many are chosen, and the button that needs one. */
export function choosing(form, name) {
  const boxes = [...form.querySelectorAll(`input[name="${name}"]`)];
  const groups = [...form.querySelectorAll("#all, #all-further")].map((all) => {
    const around = all.closest("details") ?? form;
    return { all, told: around.querySelector("summary [data-chosen]"), within: boxes.filter((box) => around.contains(box)) };
  });
  const panel = form.querySelector(".deciding");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    const told = chosen ? filled(form.dataset.chosen, { n: chosen }) : form.dataset.none;
    panel.querySelector(".chosen").textContent = told;
    panel.querySelector("button").disabled = isBusy || chosen === 0;
    panel.classList.toggle("stuck", chosen > 0);
    groups.forEach(mark);
  };
  for (const { all, within } of groups) {
    all.addEventListener("change", () => {
      for (const box of within.filter((one) => !one.disabled)) {
        box.checked = all.checked;
      }
    });
  }
  form.addEventListener("change", count);
  panel.hidden = false;
  count();
}

/** One box for many says whether all of them are chosen, some or none; where they are folded away, how many. */
function mark({ all, told, within }) {
  const open = within.filter((box) => !box.disabled).length;
  const chosen = within.filter((box) => box.checked).length;
  all.checked = chosen > 0 && chosen === open;
  all.indeterminate = chosen > 0 && chosen < open;
  all.disabled = open === 0;
  if (told) {
    told.textContent = filled(told.dataset.chosen, { n: chosen });
  }
}

/**
 * What to do when the form is sent.
 *
 * @param {HTMLFormElement} form @param {object} how
 * @param {string} how.path where the node prepares the messages @param {() => object} how.wish what it is asked for
 * @param {string} how.named the field that names what was set aside @param {() => void} how.leave where to go then
 */
export function whenSent(form, how) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(form, how);
  });
}

async function act(form, { path, wish, named, leave }) {
  if (isBusy) {
    return;
  }
  const button = form.querySelector("button.primary");
  isBusy = true;
  button.disabled = true;
  try {
    const { groups, aside } = await ask(path, wish(), await roomNow());
    tell(form, aside, named);
    const title = filled(words("title"), { n: groups.length });
    const done = groups.length ? await sign({ groups, title }) : null;
    if (done?.some((one) => one.accepted)) {
      goOn(form, aside, leave);
      return;
    }
  } catch (error) {
    form.querySelector(".aside").textContent = whyNot(error, words("failed"));
  }
  isBusy = false;
  serve(button);
}

/** The rows of this page are done with: on to what waits next, once what was set aside has been read. */
function goOn(form, aside, leave) {
  if (aside.length === 0) {
    setTimeout(leave, SETTLED_MS);
    return;
  }
  const go = make("button", { class: "button", type: "button", onclick: leave }, words("on"));
  form.querySelector(".aside").append(make("p", { class: "actions" }, go));
  go.focus();
}

/** What was set aside, one by one. */
function tell(form, aside, named) {
  const place = form.querySelector(".aside");
  place.replaceChildren();
  if (aside.length === 0) {
    return;
  }
  const head = make("p", {}, filled(words("head"), { n: aside.length }));
  const told = (one) => make("li", {}, `${one[named]}: ${words(one.why).replace("{field}", one.field)}`);
  place.append(head, make("ul", {}, aside.slice(0, SHOWN).map(told)));
}
