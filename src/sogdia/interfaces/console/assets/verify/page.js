/** The page: takes a file and what to trust from the visitor, has the worker check them, shows what it finds. */

import { Steps } from "./steps.js";
import * as verdict from "./verdict.js";
import { say } from "./words.js";

const by = (id) => document.getElementById(id);
const form = by("verify");
const tables = JSON.parse(by("tables").content.textContent);
const steps = new Steps(by("steps"));
const worker = new Worker(form.dataset.worker, { type: "module" });
const now = { run: 0, file: null, name: "", all: 0, taken: 0, failed: 0, checkpoint: null, first: null };

function choose(file, name = file.name) {
  Object.assign(now, { file, name });
  by("file-name").textContent = `${name} · ${say("file.size", { kib: Math.max(1, Math.round(file.size / 1024)) })}`;
  by("file-name").classList.add("has");
  if (by("trust").value.trim()) {
    start();
  } else {
    by("trust").focus();
  }
}

function start() {
  if (now.file === null) {
    verdict.unfit({ part: "file", why: "file_none", fields: {} });
    return;
  }
  Object.assign(now, { run: now.run + 1, all: 0, taken: 0, failed: 0, checkpoint: null, first: null });
  verdict.begun(now.name);
  const days = Math.trunc(Number(by("period").value)) || 0;
  worker.postMessage({ run: now.run, file: now.file, trust: by("trust").value, days, tables });
}

function take(check) {
  now.taken += 1;
  now.checkpoint = check.kind === "checkpoint" ? check : now.checkpoint;
  if (!check.holds) {
    now.failed += 1;
    now.first ??= check;
  }
  steps.take(check);
}

const HEARD = {
  ready() {
    form.dataset.ready = "yes";
  },
  outline(told) {
    now.all = Object.values(told.expected).reduce((sum, one) => sum + one, 0);
    verdict.outlined(told, now.name);
    steps.begin(told.expected);
  },
  checks(told) {
    told.checks.forEach(take);
    steps.show(false);
    verdict.advanced(now.taken, now.all);
  },
  done() {
    steps.show(true);
    verdict.done({ ...now, all: now.taken });
  },
  unfit: verdict.unfit,
};

worker.addEventListener("message", ({ data }) => {
  if (data.run === undefined || data.run === now.run) {
    HEARD[data.kind](data);
  }
});
worker.addEventListener("error", () => verdict.unfit({ part: "browser", why: "no_worker", fields: {} }));

/** A file of this very site; from elsewhere nothing is fetched. */
async function fetchEvidence(given) {
  let place = null;
  try {
    place = new URL(given, location.origin);
  } catch {
    // said below
  }
  if (place?.origin !== location.origin) {
    verdict.unfit({ part: "link", why: "link_elsewhere", fields: { origin: location.origin } });
    return;
  }
  try {
    const answer = await fetch(place, { headers: { accept: "application/json" }, redirect: "error" });
    if (!answer.ok) {
      verdict.unfit({ part: "link", why: "link_refused", fields: { status: answer.status } });
      return;
    }
    choose(await answer.blob(), place.pathname.split("/").at(-1) || place.pathname);
  } catch {
    verdict.unfit({ part: "link", why: "link_failed", fields: {} });
  }
}

by("file").addEventListener("change", ({ target }) => target.files[0] && choose(target.files[0]));
by("trust-file").addEventListener("change", async ({ target }) => {
  by("trust").value = (await target.files[0]?.text())?.trim() ?? by("trust").value;
  target.value = "";
});
by("node-key")?.addEventListener("click", ({ currentTarget }) => {
  by("trust").value = currentTarget.dataset.key;
  by("go").focus();
});
by("fetch").addEventListener("click", () => fetchEvidence(by("link").value.trim()));
by("link").addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    fetchEvidence(by("link").value.trim());
  }
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});
by("print").addEventListener("click", () => print());
addEventListener("beforeprint", () => steps.open());

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    by("drop").classList.toggle("over", kind === "dragover");
    const file = kind === "drop" ? event.dataTransfer.files[0] : null;
    if (file) {
      choose(file);
    }
  });
}

document.querySelector("[data-without]").hidden = true;
form.hidden = false;
const asked = new URLSearchParams(location.search).get("evidence");
if (asked) {
  by("link").value = asked;
  fetchEvidence(asked);
}
