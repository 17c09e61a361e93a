/** What the pages of import send to their node; `Refused` says in the node's words why it was not taken. */

import { Refused } from "../signing/words.js";

export async function post(path, token, body, headers = { "content-type": "application/json" }) {
  const answer = await fetch(path, {
    method: "POST",
    body,
    headers: { accept: "application/json", "x-sogdia-token": token, ...headers },
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Refused(told.detail ?? "");
  }
  return told;
}
