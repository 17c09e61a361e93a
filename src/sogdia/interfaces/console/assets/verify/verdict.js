/** The verdict on top of the page: what is going on, whether all holds, or why nothing could be checked. */

import { facts, mark } from "./elements.js";
import { say, sayFound, sayWhy } from "./words.js";

const by = (id) => document.getElementById(id);

/** Show a verdict. @param {"good" | "bad" | "info" | "warn"} kind @param {string} title @param {string} words */
function show(kind, title, words) {
  by("result").hidden = false;
  by("verdict").className = `alert ${kind}`;
  by("verdict").querySelector(".mark-here").replaceChildren(mark(kind));
  by("verdict-title").textContent = title;
  by("verdict-words").textContent = words;
}

/** The work has begun. @param {string} name of the file */
export function begun(name) {
  for (const id of ["facts-card", "steps-card", "limits", "print"]) {
    by(id).hidden = true;
  }
  by("progress").hidden = false;
  by("progress").removeAttribute("value");
  show("info", say("verdict.checking"), name);
}

/** The file was read: what it is about. @param {{network: string, about: string}} outline @param {string} name */
export function outlined({ network, about, basis }, name) {
  by("facts-card").hidden = by("steps-card").hidden = false;
  const told = [
    [say("fact.file"), name],
    [say("fact.network"), network],
    [say("fact.about"), about || say("fact.nothing")],
    [say("fact.basis"), basis.key ?? say("fact.header", basis)],
    [say("fact.checked"), say("fact.instant", { now: Date.now() })],
  ];
  by("facts").replaceChildren(...facts(told));
}

/** So many checks are done. @param {number} done @param {number} all */
export function advanced(done, all) {
  by("progress").max = Math.max(1, all);
  by("progress").value = done;
}

/**
 * All is checked: how many there were, how many fail, the checkpoint's check, the first that fails.
 * @param {{all: number, failed: number, checkpoint: object?, first: object?}} found
 */
export function done({ all, failed, checkpoint, first }) {
  by("progress").hidden = true;
  by("print").hidden = by("limits").hidden = false;
  if (checkpoint?.holds) {
    const { fields } = checkpoint;
    const sealed = [say("fact.checkpoint"), say("fact.sealed", fields)];
    by("facts").append(...facts([sealed, [say("fact.log"), say("fact.entries", fields)]]));
  }
  if (failed || !all) {
    const words = first ? say("verdict.fails_first", { name: first.name, found: sayFound(first) }) : "";
    show("bad", say("verdict.fails", { all, failed }), words);
  } else {
    show("good", say("verdict.holds", { all }), say("verdict.holds_words"));
  }
  by("verdict").focus({ preventScroll: true });
  by("verdict").scrollIntoView({ block: "nearest" });
}

/** Nothing could be checked. @param {{part: string, why: string, fields: object}} unfit browser, file, trust or link */
export function unfit({ part, why, fields }) {
  by("progress").hidden = true;
  show("bad", say(`verdict.unfit_${part}`), sayWhy(why, fields));
  by("verdict").focus({ preventScroll: true });
  by("verdict").scrollIntoView({ block: "nearest" });
}
