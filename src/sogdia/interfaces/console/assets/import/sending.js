/**
 * Everything that waits is signed in one go and sent. What is on record the node knows by itself, when the page opens
 * anew; for each of the others it is told what this browser knows: refused, left out before sending, or not answered.
 */

import { post } from "./posting.js";

const button = document.querySelector("[data-signs]");

if (button) {
  button.addEventListener("click", signAll);
  button.disabled = false; // before this a click would do nothing
}

async function signAll() {
  const { path, token, title, failed } = button.dataset;
  const said = document.querySelector("[data-said]");
  const busy = document.querySelector("[data-busy]");
  button.disabled = true;
  busy.hidden = false;
  said.hidden = true;
  try {
    const { sign } = await import("../signing/sign.js");
    const { groups, numbers } = await post(`${path}/groups`, token, "{}");
    const receipts = await sign({ messages: groups, title });
    if (receipts) {
      const answers = numbers.map((number, at) => became(number, receipts[at])).filter(Boolean);
      await post(`${path}/told`, token, JSON.stringify({ answers }));
    }
    location.reload();
  } catch (problem) {
    said.hidden = false;
    said.textContent = problem.message || failed;
    button.disabled = false;
    busy.hidden = true;
  }
}

/** What became of one transaction; nothing when it was accepted. @param {number} number @param {object} [result] */
export function became(number, result) {
  if (result?.accepted) {
    return null;
  }
  if (result?.code) {
    return { number, was: "refused", code: result.code, fields: result.fields };
  }
  if (result?.expected) {
    return { number, was: "held", code: result.expected.code, text: result.expected.text };
  }
  return { number, was: "unanswered" };
}
