/** One step: how far it is, what it found, and a list of the checks behind it. */

import { facts, made, mark } from "./elements.js";
import { say, sayFound } from "./words.js";

/** One check each, which the step itself tells. */
const LONE = new Set(["trusted", "period", "checkpoint", "history", "subject", "content"]);
const MOST_LISTED = 200;

/** A step in the page; `item` is what stands there. */
export class Step {
  /** @param {string} kind of its checks @param {number} expected how many are to come */
  constructor(kind, expected) {
    Object.assign(this, { kind, expected, taken: 0, failed: 0, listed: 0, first: null });
    this.item = made("li", "wait");
    this.knot = made("span", "knot");
    this.state = made("span", "quiet status");
    this.found = made("p", "found quiet");
    const heading = made("p", "step");
    heading.append(made("span", "", say(`step.${kind}`)), this.state);
    this.body = made("div");
    this.body.append(heading, this.found);
    this.item.append(this.knot, this.body);
    this.show(false);
  }

  /** @param {import("./check.js").Check} check */
  take(check) {
    this.taken += 1;
    this.failed += check.holds ? 0 : 1;
    if (this.first === null || (this.first.holds && !check.holds)) {
      this.first = check;
    }
    if (!LONE.has(this.kind) && this.listed < (check.holds ? MOST_LISTED : 2 * MOST_LISTED)) {
      this.listOf()[check.holds ? "append" : "prepend"](listed(check));
      this.details.open ||= !check.holds;
      this.listed += 1;
    }
  }

  listOf() {
    if (!this.items) {
      this.details = made("details", "list");
      this.summary = made("summary");
      this.items = made("ul");
      this.details.append(this.summary, this.items);
      this.body.append(this.details);
    }
    return this.items;
  }

  /** Show how far it is. @param {boolean} isDone whether nothing more comes */
  show(isDone) {
    const isOver = isDone || this.taken >= this.expected;
    const kind = this.failed ? "bad" : isOver && this.taken ? "good" : "wait";
    this.item.className = kind;
    this.knot.replaceChildren(mark(kind));
    const counts = { n: this.taken, of: this.expected, failed: this.failed };
    const told = this.failed ? "fails" : kind === "good" ? "holds" : isDone ? "not_reached" : "waits";
    this.state.textContent = say(`state.${told}`, counts);
    const isOne = this.first && (this.expected === 1 || this.failed);
    this.found.textContent = isOne ? sayFound(this.first) : say(`means.${this.kind}`, counts);
    if (this.items) {
      const left = this.taken - this.listed;
      this.summary.textContent = say(left ? "list.most" : "list.all", { n: this.taken, listed: this.listed });
    }
  }
}

/** One check behind a step. */
function listed(check) {
  const item = made("li", check.holds ? "good" : "bad");
  const body = made("div");
  body.append(made("code", "", check.name), made("span", "found", sayFound(check)));
  if (check.fields.asks) {
    body.append(made("span", "quiet", ` ${check.fields.asks}`));
  }
  if (check.shown) {
    const more = made("details");
    const table = made("dl", "facts");
    table.append(...facts(check.shown));
    more.append(made("summary", "", say("list.shown")), table);
    body.append(more);
  }
  item.append(mark(check.holds ? "good" : "bad"), body);
  return item;
}
