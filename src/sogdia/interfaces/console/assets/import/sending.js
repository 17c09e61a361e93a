/**
 * Everything that waits is signed in one go and sent. What is on record the node knows by itself, when the page opens
 * anew; for each of the others it is told what this browser knows: refused, left out before sending, or not answered.
 */

import { post } from "./posting.js";
import { whyNot } from "../signing/words.js";

const button = document.querySelector("[data-signs]");
/** What became of what was signed, until the node was told. */
let answers = null;

if (button) {
  button.addEventListener("click", signAll);
  button.disabled = false; // before this a click would do nothing
}

async function signAll() {
  const { path, token, title, failed, untold } = button.dataset;
  const said = document.querySelector("[data-said]");
  const busy = document.querySelector("[data-busy]");
  button.disabled = true;
  busy.hidden = false;
  said.hidden = true;
  try {
    answers ??= await signed(path, token, title);
    if (answers) {
      await post(`${path}/told`, token, JSON.stringify({ answers }));
    }
    location.reload();
  } catch (problem) {
    said.hidden = false;
    said.textContent = answers ? `${untold} ${whyNot(problem, "")}` : whyNot(problem, failed);
    button.disabled = false;
    busy.hidden = true;
  }
}

/** @returns {Promise<object[] | null>} what did not go on record, and why; null when nothing was sent */
async function signed(path, token, title) {
  const { sign } = await import("../signing/sign.js");
  const { groups, numbers } = await post(`${path}/groups`, token, "{}");
  const receipts = await sign({ messages: groups, title });
  return receipts && numbers.map((number, at) => became(number, receipts[at])).filter(Boolean);
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
