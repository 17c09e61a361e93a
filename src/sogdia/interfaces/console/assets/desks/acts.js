/** Rows are chosen, the node prepares a message for each, the signing dialog shows what they say and signs them. */

import { sign } from "../signing/sign.js";
import { Refused, ask, roomNow } from "../signing/words.js";

const form = document.getElementById("acts");
const words = (why) => document.getElementById("words").content.querySelector(`[data-why="${why}"]`).textContent;
const SETTLED_MS = 700; // the picture follows the record
const SHOWN = 50;

for (const told of document.querySelectorAll("[data-without]")) {
  told.hidden = true;
}

if (form) {
  begin();
}

function begin() {
  const boxes = [...form.querySelectorAll('input[name="order"]')];
  const all = document.getElementById("all");
  const panel = form.querySelector(".deciding");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    const told = chosen ? form.dataset.chosen.replace("{n}", String(chosen)) : form.dataset.none;
    panel.querySelector(".chosen").textContent = told;
    panel.querySelector("button").disabled = chosen === 0;
    panel.classList.toggle("stuck", chosen > 0);
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) {
      box.checked = all.checked;
    }
    count();
  });
  form.addEventListener("change", count);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(boxes.filter((box) => box.checked));
  });
  panel.hidden = false;
  count();
}

async function act(chosen) {
  const button = form.querySelector("button.primary");
  button.disabled = true;
  try {
    const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== "on"));
    const orders = chosen.map(({ dataset }) => [dataset.platform, dataset.order]);
    const wish = { ...fields, work: form.dataset.work, orders };
    const { groups, aside } = await ask("acts/messages", wish, await roomNow());
    tell(aside);
    const title = words("title").replace("{n}", String(groups.length));
    const done = groups.length ? await sign({ groups, title }) : null;
    if (done?.some((one) => one.accepted)) {
      setTimeout(() => location.reload(), SETTLED_MS);
    }
  } catch (error) {
    form.querySelector(".aside").textContent = error instanceof Refused ? error.message : words("failed");
  } finally {
    button.disabled = false;
  }
}

/** What was set aside, order by order. */
function tell(aside) {
  const place = form.querySelector(".aside");
  place.replaceChildren();
  if (aside.length === 0) {
    return;
  }
  const head = document.createElement("p");
  head.textContent = words("aside").replace("{n}", String(aside.length));
  const list = document.createElement("ul");
  for (const one of aside.slice(0, SHOWN)) {
    const item = document.createElement("li");
    item.textContent = `${one.order}: ${words(one.why).replace("{field}", one.field)}`;
    list.append(item);
  }
  place.append(head, list);
}
