/** The steps as they happen: one for each kind of check, with the checks behind it to open. */

import { Step } from "./step.js";

const KINDS = [
  "trusted", "period", "light", "checkpoint", "history", "subject", "record", "absence", "transaction", "logged",
  "network", "bytes", "signed", "content",
];

/** The list of steps in the page. */
export class Steps {
  /** @param {HTMLOListElement} list */
  constructor(list) {
    this.list = list;
    this.steps = new Map();
  }

  /** Begin anew. @param {Record<string, number>} expected how many checks of each kind are to come */
  begin(expected) {
    this.list.replaceChildren();
    this.steps.clear();
    for (const kind of KINDS.filter((one) => expected[one])) {
      this.add(kind, expected[kind]);
    }
  }

  /** @param {import("./check.js").Check} check */
  take(check) {
    const step = this.steps.get(check.kind) ?? this.add(check.kind, 1);
    step.take(check);
  }

  /** Show where things stand. @param {boolean} isDone whether nothing more comes */
  show(isDone) {
    for (const step of this.steps.values()) {
      step.show(isDone);
    }
  }

  /** Open everything, for paper. */
  open() {
    for (const one of this.list.querySelectorAll("details")) {
      one.open = true;
    }
  }

  add(kind, expected) {
    const step = new Step(kind, expected);
    this.steps.set(kind, step);
    const after = KINDS.slice(KINDS.indexOf(kind) + 1).map((one) => this.steps.get(one)?.item);
    this.list.insertBefore(step.item, after.find(Boolean) ?? null);
    return step;
  }
}
