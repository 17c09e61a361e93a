/** The page: takes files and what to trust from the visitor, has the worker check them, shows what it finds. */

import { chosen, fetched, pasted } from "./bringing.js";
import { checkRule } from "./ed25519.js";
import { Files } from "./files.js";
import * as verdict from "./verdict.js";
import { View } from "./view.js";
import { say, sayWhy } from "./words.js";

const by = (id) => document.getElementById(id);
const form = by("verify");
const worker = new Worker(form.dataset.worker, { type: "module" });
const view = new View(by("steps"));
const files = new Files(worker, view, by("files"), JSON.parse(by("tables").content.textContent));
const now = { given: [], named: by("file-name").textContent, coming: null, from: "given" };

function refuse(part, why, fields = {}) {
  verdict.begun("");
  verdict.unfit({ part, why, fields });
  verdict.focus();
}

function choose(given) {
  now.given = given;
  now.coming = null;
  const [{ name, blob }] = given;
  const size = say("file.size", { kib: Math.max(1, Math.round(blob.size / 1024)) });
  now.named = given.length > 1 ? say("file.several", { n: given.length }) : `${name} · ${size}`;
  by("file-name").textContent = now.named;
  by("file-name").classList.add("has");
  if (by("trust").value.trim()) {
    start();
  } else {
    by("trust-due").hidden = false;
    by("trust").focus();
  }
}

function start() {
  by("trust-due").hidden = true;
  if (now.coming) {
    return; // it begins by itself when the file is here
  }
  if (!now.given.length) {
    refuse("file", "file_none");
    return;
  }
  const days = Math.trunc(Number(by("period").value)) || 0;
  files.begin(now.given, { text: by("trust").value, from: now.from, days });
}

/** Whatever was brought last is chosen; what could not be brought is said. @param {Promise<object[]>} given */
async function take(given) {
  const mine = now.coming = {};
  by("file-name").textContent = say("file.coming");
  const [brought, wrong] = await given.then((found) => [found], (problem) => [null, problem]);
  if (now.coming !== mine) {
    return; // something else was chosen meanwhile
  }
  if (brought) {
    return choose(brought);
  }
  now.coming = null;
  by("file-name").textContent = now.named;
  refuse(wrong.part ?? "file", wrong.why ?? "unknown", wrong.fields ?? { problem: String(wrong) });
}

by("file").addEventListener("change", ({ target }) => {
  if (target.files.length) {
    choose(chosen(target.files));
  }
  target.value = "";
});
by("trust-file").addEventListener("change", async ({ target }) => {
  by("trust").value = (await target.files[0]?.text())?.trim() ?? by("trust").value;
  now.from = "given";
  target.value = "";
});
by("trust").addEventListener("input", () => {
  now.from = "given";
});
by("node-key")?.addEventListener("click", ({ currentTarget }) => {
  by("trust").value = currentTarget.dataset.key;
  now.from = "node";
  if (now.given.length) {
    start();
  } else {
    by("go").focus();
  }
});
const takeLink = () => take(fetched(by("link").value.trim()));
by("fetch").addEventListener("click", takeLink);
by("use").addEventListener("click", () => take(pasted(by("pasted").value)));
by("link").addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    takeLink();
  }
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});
by("print").addEventListener("click", () => print());
addEventListener("beforeprint", () => view.open());

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    by("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      choose(chosen(event.dataTransfer.files));
    }
  });
}

document.addEventListener("paste", ({ target, clipboardData }) => {
  if (clipboardData.files.length) {
    choose(chosen(clipboardData.files));
  } else if (!target.closest?.("input, textarea")) {
    take(pasted(clipboardData.getData("text")));
  }
});

/** Said before anybody tries: a browser that cannot do it is told so, and what can. */
function unable({ why, fields }) {
  by("unable-words").textContent = sayWhy(why, fields);
  by("unable").hidden = false;
  form.hidden = true;
}

worker.addEventListener("message", ({ data }) => {
  if (data.kind === "ready") {
    form.dataset.ready = "yes";
  }
});
worker.addEventListener("error", () => unable({ why: "no_worker", fields: {} }));
document.querySelector("[data-without]").hidden = true;
form.hidden = false;
const asked = new URLSearchParams(location.search).get("evidence");
try {
  await checkRule();
  if (asked) {
    by("link").value = asked;
    await take(fetched(asked));
  }
} catch (wrong) {
  unable({ why: wrong.why ?? "unknown", fields: wrong.fields ?? { problem: String(wrong) } });
}
