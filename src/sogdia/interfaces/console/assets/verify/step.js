/** One step: how far it is, what it found, and a list of the checks behind it. */

import { made, mark } from "./elements.js";
import { actWords, called, fieldWords, recordFacts, valueOf } from "./values.js";
import { say, sayFound } from "./words.js";

/** One check each, which the step itself tells. */
const LONE = new Set(["trusted", "period", "checkpoint", "history", "subject", "content"]);
const MOST_LISTED = 200;
const MOST_DIFFERING = 20;

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
    this.meaning = made("p", "meaning");
    this.body = made("div");
    this.body.append(heading, this.found, this.meaning);
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
    this.meaning.textContent = this.failed ? say(`fails.${this.kind}`) : "";
    if (this.items) {
      const left = this.taken - this.listed;
      this.summary.textContent = say(left ? "list.most" : "list.all", { n: this.taken, listed: this.listed });
    }
  }
}

/** One check behind a step: what it is about in words, its name as the command line has it, and what it found. */
function listed(check) {
  const item = made("li", check.holds ? "good" : "bad");
  const body = made("div");
  const [, name, ...key] = check.name.split(" ");
  const isRecord = check.kind === "record" || check.kind === "absence";
  if (isRecord && name) {
    body.append(made("span", "title", called(name, key.join(" "))));
  } else if (check.fields.asks?.length) {
    body.append(made("span", "title", actWords(check.fields.asks)));
  }
  body.append(made("code", "", check.name), made("span", "found", sayFound(check)));
  if (check.differs?.length) {
    body.append(differing(check.differs));
  }
  if (check.shown) {
    const more = made("details");
    more.append(made("summary", "", say("list.shown")), recordFacts(check.shown));
    body.append(more);
  }
  item.append(mark(check.holds ? "good" : "bad"), body);
  return item;
}

/** Each field that the file shows otherwise than it stands on record. */
function differing(fields) {
  const list = made("ul", "differs");
  list.append(...fields.slice(0, MOST_DIFFERING).map(([name, shown, stands]) => {
    const item = made("li", "", say("list.differs", { field: fieldWords(name) }));
    item.append(made("span", "quiet", say("list.in_file")), valueOf(shown, name));
    item.append(made("span", "quiet", say("list.on_record")), valueOf(stands, name));
    return item;
  }));
  return list;
}
