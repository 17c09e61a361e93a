/** The files that a visitor gave, checked one after the other; the list of them, when there are several. */

import { made, mark } from "./elements.js";
import * as verdict from "./verdict.js";
import { say } from "./words.js";

const MARKS = { good: "good", bad: "bad", unfit: "bad", now: "wait", wait: "wait" };

/** Files in turn. */
export class Files {
  /** @param {Worker} worker @param {import("./view.js").View} view @param {HTMLElement} list @param {object} tables */
  constructor(worker, view, list, tables) {
    Object.assign(this, { worker, view, list, tables, all: [], at: 0, picked: 0, run: 0 });
    worker.addEventListener("message", ({ data }) => data.run === this.run && this.hear(data));
  }

  /** @param {{name: string, blob: Blob}[]} given @param {{text: string, from: string, days: number}} trust */
  begin(given, trust) {
    this.all = given.map(({ name, blob }) => ({ name, blob, from: trust.from, heard: [], state: "wait", failed: 0 }));
    Object.assign(this, { trust, at: 0, picked: 0 });
    this.view.show(this.all[0]);
    this.next();
  }

  next() {
    const { text, days } = this.trust;
    this.run += 1;
    this.all[this.at].state = "now";
    this.show();
    this.worker.postMessage({ run: this.run, file: this.all[this.at].blob, trust: text, days, tables: this.tables });
  }

  hear(told) {
    const file = this.all[this.at];
    file.heard.push(told);
    file.failed += told.kind === "checks" ? told.checks.filter((one) => !one.holds).length : 0;
    if (this.at === this.picked) {
      this.view.hear(told);
    }
    if (told.kind === "done" || told.kind === "unfit") {
      file.state = told.kind === "unfit" ? "unfit" : file.failed || !file.heard.some(hasChecks) ? "bad" : "good";
      this.over(told);
    }
  }

  over(told) {
    const isLost = told.kind === "unfit" && told.part !== "file"; // what is trusted, or the browser, fits no file
    if (this.at + 1 < this.all.length && !isLost) {
      this.at += 1;
      this.next();
      return;
    }
    if (this.all.length > 1) {
      this.pick(Math.max(0, this.all.findIndex((one) => one.state === "bad" || one.state === "unfit")));
    }
    verdict.focus();
  }

  pick(place) {
    this.picked = place;
    this.view.show(this.all[place]);
    this.show();
  }

  show() {
    this.list.hidden = this.all.length < 2;
    const items = this.all.map((file, place) => {
      const item = made("li");
      const button = made("button", "pick-file");
      button.type = "button";
      button.setAttribute("aria-pressed", String(place === this.picked));
      const said = say(`file.${file.state}`, { failed: file.failed });
      button.append(mark(MARKS[file.state]), made("span", "name", file.name), made("span", "status", said));
      button.classList.add(MARKS[file.state]);
      button.addEventListener("click", () => this.pick(place));
      item.append(button);
      return item;
    });
    this.list.querySelector("ul").replaceChildren(...items);
  }
}

const hasChecks = ({ kind, checks }) => kind === "checks" && checks.length > 0;
