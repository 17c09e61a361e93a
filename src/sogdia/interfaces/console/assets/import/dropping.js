/** A file is dropped or chosen, and sent to the node as it is; nothing of it goes on record by that. */

import { post } from "./posting.js";
import { whyNot } from "../signing/words.js";

/** The file of a form that waits for the name of a sheet. */
const asked = new WeakMap();

for (const form of document.querySelectorAll("form[data-takes]")) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector(".drop") ?? form;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(form, asked.get(form), form.querySelector("[data-sheets] select").value);
  });
  input.addEventListener("change", () => {
    take(form, input.files[0]);
    input.value = ""; // the same file, once mended, is taken again
  });
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    take(form, event.dataTransfer.files[0]);
  });
}

async function take(form, file, sheet = "") {
  const busy = form.querySelector("[data-busy]");
  if (!file || !busy.hidden) {
    return; // one file at a time
  }
  const said = form.querySelector("[data-said]");
  const say = (words) => {
    said.hidden = false;
    said.textContent = words;
  };
  if (file.size > Number(form.dataset.most)) {
    say(form.dataset.large);
    return;
  }
  busy.hidden = false;
  said.hidden = true;
  form.querySelector("[data-sheets]").hidden = true;
  try {
    const headers = { "content-type": "application/octet-stream", "x-sogdia-name": encodeURIComponent(file.name) };
    if (sheet) {
      headers["x-sogdia-sheet"] = encodeURIComponent(sheet);
    }
    const answer = await post(form.dataset.takes, form.dataset.token, file, headers);
    if (answer.sheets) {
      asked.set(form, file);
      ask(form, answer.sheets);
    } else {
      location.assign(answer.to);
      return; // still busy, until the next page is there
    }
  } catch (problem) {
    say(whyNot(problem, form.dataset.failed));
  }
  busy.hidden = true;
}

/** Which sheet of a workbook is meant is asked, and not guessed. */
function ask(form, sheets) {
  const place = form.querySelector("[data-sheets]");
  const select = place.querySelector("select");
  select.replaceChildren(...sheets.map((name) => new Option(name, name)));
  place.hidden = false;
  select.focus();
}
