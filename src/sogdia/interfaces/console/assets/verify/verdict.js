/** The verdict on top of the page: what goes on, what is proved and what is not, or why nothing could be checked. */

import { facts, made, mark } from "./elements.js";
import { called } from "./values.js";
import { instant, say, sayFound, sayWhy } from "./words.js";

const by = (id) => document.getElementById(id);
const PARTS = ["facts-card", "steps-card", "stated", "open-card", "print"];

/** Show a verdict. @param {"good" | "bad" | "info" | "warn"} kind @param {string} title @param {string} words */
function show(kind, title, words) {
  by("result").hidden = false;
  by("verdict").className = `alert ${kind}`;
  by("verdict").querySelector(".mark-here").replaceChildren(mark(kind));
  by("verdict-title").textContent = title;
  by("verdict-words").textContent = words;
  by("meaning").textContent = "";
}

/** The work has begun. @param {string} name of the file */
export function begun(name) {
  for (const id of PARTS) {
    by(id).hidden = true;
  }
  by("progress").hidden = false;
  by("progress").removeAttribute("value");
  show("info", say("verdict.checking"), name);
}

/** The file was read. @param {object} outline of the worker @param {{name: string, from: string}} file */
export function outlined({ about, basis }, { name, from }) {
  by("facts-card").hidden = by("steps-card").hidden = false;
  const told = [
    [say("fact.file"), name],
    [say("fact.about"), about.table ? called(about.table, about.key) : say("fact.nothing")],
    ...(about.table ? [[say("fact.key"), about.key]] : []),
    [say("fact.basis"), basis.key ?? say("fact.header", basis)],
    [say("fact.from"), say(`fact.from_${from}`)],
    [say("fact.checked"), instant(Date.now())],
  ];
  by("facts").replaceChildren(...facts(told));
}

/** So many checks are done. @param {number} done @param {number} all */
export function advanced(done, all) {
  by("progress").max = Math.max(1, all);
  by("progress").value = done;
}

/** All is checked. @param {import("./conclusion.js").Conclusion} found */
export function done(found) {
  by("progress").hidden = true;
  by("print").hidden = false;
  if (found.checkpoint) {
    const sealed = [say("fact.checkpoint"), say("fact.sealed", found.checkpoint)];
    const log = [say("fact.log"), say("fact.entries", found.checkpoint)];
    by("facts").append(...facts([[say("fact.network"), found.network], sealed, log]));
  }
  if (found.holds) {
    proved(found);
  } else {
    const { first } = found;
    const told = { step: first && say(`step.${first.kind}`), name: first?.name, found: first && sayFound(first) };
    show("bad", say("verdict.fails"), say(first ? "verdict.fails_first" : "verdict.empty", { ...found, ...told }));
    by("meaning").textContent = first ? say(`fails.${first.kind}`) : "";
  }
}

function proved(found) {
  show("good", found.title, found.sentence);
  by("meaning").textContent = say("verdict.holds", found);
  by("stated-list").replaceChildren(...found.items());
  by("stated").hidden = !found.statements.size;
  by("open-list").replaceChildren(...found.limits().map((one) => made("li", "", one)));
  by("open-card").hidden = false;
}

/** Nothing could be checked. @param {{part: string, why: string, fields: object}} unfit browser, file, trust or link */
export function unfit({ part, why, fields }) {
  by("progress").hidden = true;
  show("bad", say(`verdict.unfit_${part}`), sayWhy(why, fields));
}

/** Lead whoever reads to the verdict. */
export function focus() {
  by("verdict").focus({ preventScroll: true });
  by("result").scrollIntoView({ block: "nearest" });
  by("verdict").scrollIntoView({ block: "nearest" });
}
