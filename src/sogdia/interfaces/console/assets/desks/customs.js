/** Decisions of customs on one list or on many: what the officer wants, and what comes after. */

import { choosing, whenSent } from "./choosing.js";

const form = document.getElementById("decide");

if (form) {
  whenSent(form, { path: "customs/answers", wish, named: "list_no", leave });
  if ("choosing" in form.dataset) {
    choosing(form, "list");
  } else {
    dependent();
  }
}

/** Fields that belong to one decision are shown with it. */
function dependent() {
  const show = () => {
    const chosen = form.querySelector('input[name="decision"]:checked')?.value;
    for (const part of form.querySelectorAll("[data-for]")) {
      part.hidden = part.dataset.for !== chosen;
      for (const field of part.querySelectorAll("input, select")) {
        field.disabled = part.hidden; // what is hidden must not keep the form from being sent
      }
    }
  };
  form.addEventListener("change", show);
  show();
  const sends = form.querySelector("button.primary");
  if (sends) {
    sends.disabled = false; // before this a click would do nothing
  }
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

/** On to what waits next: the same page of the queue, without these lists, or the list that stood behind this one. */
function leave() {
  if ("choosing" in form.dataset) {
    location.reload();
  } else {
    location.assign(form.dataset.next);
  }
}
