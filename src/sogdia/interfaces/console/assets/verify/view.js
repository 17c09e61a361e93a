/** What is shown of one file: told again from the beginning whenever another file is picked. */

import { Conclusion } from "./conclusion.js";
import { Steps } from "./steps.js";
import * as verdict from "./verdict.js";

/** The result in the page. */
export class View {
  /** @param {HTMLOListElement} list of the steps */
  constructor(list) {
    this.steps = new Steps(list);
    this.conclusion = null;
    this.due = 0;
  }

  /** Show this file: all that was heard of it so far. @param {{name: string, from: string, heard: object[]}} file */
  show(file) {
    this.file = file;
    this.conclusion = null;
    this.isAgain = true;
    verdict.begun(file.name);
    file.heard.forEach((told) => this.hear(told));
    this.isAgain = false;
  }

  /** One message of the worker about this file. */
  hear(told) {
    this[told.kind](told);
  }

  outline(told) {
    this.due = Object.values(told.expected).reduce((sum, one) => sum + one, 0);
    this.conclusion = new Conclusion({ ...told, from: this.file.from });
    verdict.outlined(told, this.file);
    this.steps.begin(told.expected);
  }

  checks(told) {
    for (const check of told.checks) {
      this.conclusion.take(check);
      this.steps.take(check);
    }
    if (!this.isAgain) {
      this.steps.show(false);
      verdict.advanced(this.conclusion.all, this.due);
    }
  }

  done() {
    this.steps.show(true);
    verdict.done(this.conclusion);
  }

  unfit(told) {
    verdict.unfit(told);
  }

  /** Open everything, for paper. */
  open() {
    this.steps.open();
  }
}
