/** Orders that wait for the reader's own signature: which of them, and what is said of all alike. */

import { choosing, whenSent } from "./choosing.js";

const form = document.getElementById("acts");

if (form) {
  choosing(form, "order");
  whenSent(form, { path: "acts/messages", wish, named: "order", leave: () => location.reload() });
}

/** @returns {object} what the party wants */
function wish() {
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== "on"));
  const chosen = [...form.querySelectorAll('input[name="order"]:checked')];
  return { ...fields, work: form.dataset.work, orders: chosen.map(({ dataset }) => [dataset.platform, dataset.order]) };
}
