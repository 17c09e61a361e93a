/** A member's vote, or the withdrawal of a case: shown in plain words by the signing dialog, signed in this browser. */

import { serve } from "../signing/dom.js";

for (const panel of document.querySelectorAll("[data-acts]")) {
  panel.hidden = false;
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-message]");
    if (button) {
      act(button, panel.querySelector("[data-failed]"));
    }
  });
}

async function act(button, failed) {
  failed.hidden = true;
  button.disabled = true;
  try {
    const { sign } = await import("../signing/sign.js");
    const results = await sign({ messages: [JSON.parse(button.dataset.message)], title: button.dataset.title });
    if (results?.some((one) => one.accepted)) {
      location.reload();
      return;
    }
  } catch {
    failed.textContent = failed.dataset.words;
    failed.hidden = false;
  }
  serve(button);
}
