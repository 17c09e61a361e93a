/** Everything that waits is signed in one go and sent; what became of it is told by the record when the page opens anew. */

import { post } from "./posting.js";

const button = document.querySelector("[data-signs]");

button?.addEventListener("click", async () => {
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
      const answers = numbers
        .map((number, at) => ({ number, code: receipts[at]?.code ?? 0, fields: receipts[at]?.fields ?? {} }))
        .filter((one) => one.code > 0);
      await post(`${path}/told`, token, JSON.stringify({ answers }));
    }
    location.reload();
  } catch (problem) {
    said.hidden = false;
    said.textContent = problem.message || failed;
    button.disabled = false;
    busy.hidden = true;
  }
});
