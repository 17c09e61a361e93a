/** Decisions on lists: the node prepares messages, the signing dialog shows what they say and signs them. */

import { sign } from "../signing/sign.js";
import { Refused, ask, roomNow } from "../signing/words.js";

const form = document.getElementById("decide");
const words = (why) => document.getElementById("words").content.querySelector(`[data-why="${why}"]`).textContent;
const SETTLED_MS = 700; // the picture follows the record

for (const told of document.querySelectorAll("[data-without]")) {
  told.hidden = true;
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    decide();
  });
  if ("choosing" in form.dataset) {
    choosing();
  } else {
    dependent();
  }
}

/** Boxes, how many are chosen, and the button that needs one. */
function choosing() {
  const boxes = [...form.querySelectorAll('input[name="list"]')];
  const all = document.getElementById("all");
  const panel = form.querySelector(".deciding");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    const told = chosen ? form.dataset.chosen.replace("{n}", String(chosen)) : form.dataset.none;
    panel.querySelector(".chosen").textContent = told;
    panel.querySelector("button").disabled = chosen === 0;
    panel.classList.toggle("stuck", chosen > 0);
    if (all) {
      all.checked = chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };
  all?.addEventListener("change", () => {
    for (const box of boxes) {
      box.checked = all.checked;
    }
    count();
  });
  form.addEventListener("change", count);
  panel.hidden = false;
  count();
}

/** Fields that belong to one decision are shown with it. */
function dependent() {
  const show = () => {
    const chosen = form.querySelector('input[name="decision"]:checked')?.value;
    for (const part of form.querySelectorAll("[data-for]")) {
      part.hidden = part.dataset.for !== chosen;
    }
  };
  form.addEventListener("change", show);
  show();
}

/** @returns {object} what the officer wants */
function wish() {
  const fields = new FormData(form);
  const lists = "choosing" in form.dataset ? [...form.querySelectorAll('input[name="list"]:checked')] : [form];
  const found = {
    decision: form.dataset.decision ?? fields.get("decision"),
    note: fields.get("note") ?? "",
    lists: lists.map((one) => [one.dataset.subject, one.dataset.broker, one.dataset.list]),
  };
  if (found.decision === "refuse" && fields.has("reason")) {
    found.reason = Number(fields.get("reason"));
  }
  if (found.decision === "accept" && fields.get("person")) {
    found.person = fields.get("person").trim();
  }
  const named = lists.filter((one) => one.dataset.person);
  if (named.length) {
    found.persons = {};
    for (const { dataset } of named) {
      (found.persons[dataset.broker] ??= {})[dataset.list] = dataset.person;
    }
  }
  return found;
}

async function decide() {
  const button = form.querySelector("button.primary");
  button.disabled = true;
  try {
    const { groups, aside } = await ask("customs/answers", wish(), await roomNow());
    tell(aside);
    const done = groups.length ? await sign({ groups, title: words("title").replace("{n}", String(groups.length)) }) : null;
    if (done?.some((one) => one.accepted)) {
      setTimeout(leave, SETTLED_MS);
    }
  } catch (error) {
    say(error instanceof Refused ? error.message : words("failed"));
  } finally {
    button.disabled = false;
  }
}

/** On to what waits next: the same page of the queue, without these lists, or the list that stood behind this one. */
function leave() {
  if ("choosing" in form.dataset) {
    location.reload();
  } else {
    location.assign(form.dataset.next);
  }
}

/** What was set aside, list by list. */
function tell(aside) {
  const place = form.querySelector(".aside");
  place.replaceChildren();
  if (aside.length === 0) {
    return;
  }
  const head = document.createElement("p");
  head.textContent = words("head").replace("{n}", String(aside.length));
  const list = document.createElement("ul");
  for (const one of aside.slice(0, 50)) {
    const item = document.createElement("li");
    item.textContent = `${one.list_no}: ${words(one.why)}`;
    list.append(item);
  }
  place.append(head, list);
}

function say(text) {
  form.querySelector(".aside").textContent = text;
}
