/** The dialog in which a person sees what will be signed, says so, and sees what became of it. */

import { Unfit } from "../verify/bytes.js";
import { alert, badge, button, facts, make, plainly } from "./dom.js";
import { planned } from "./handing.js";
import { list, single, summary } from "./overview.js";
import { send, signed } from "./sending.js";
import { nameOf, passing, signatures } from "./sharing.js";
import { textOf } from "./values.js";
import { Refused, tell, whyNot } from "./words.js";

const MANY = 30;

export class Ceremony {
  constructor(parts) {
    Object.assign(this, parts, { rows: [], wasSent: false, isBusy: false, sending: null });
    this.dialog.addEventListener("cancel", (event) => this.isBusy && event.preventDefault());
    this.leaving = (event) => event.preventDefault();
  }

  /** @param {import("./words.js").Room} here */
  enter(here) {
    this.here = here;
    this.dialog.removeAttribute("aria-busy");
    this.heading.textContent = this.title || tell(here, "title");
  }

  /** Something else than what is to be signed, and a way out. */
  say(...inner) {
    this.body.replaceChildren(...inner);
    this.close("close", "");
  }

  /** What went wrong before anything was signed. */
  fail(error) {
    this.dialog.removeAttribute("aria-busy");
    if (!this.here) {
      this.body.replaceChildren(alert("bad", "", whyNot(error, document.body.dataset.trouble)));
      return;
    }
    if (error instanceof Refused) {
      this.say(alert("bad", "", error.message));
      return;
    }
    const why = error instanceof Unfit ? "unreadable" : "no_answer";
    this.say(alert("bad", tell(this.here, why), tell(this.here, `${why}_do`)));
  }

  /** What will be signed, with which key; `serving` are those that sign because a message asks for that very key. */
  show(rows, keys, serving = []) {
    const { here } = this;
    Object.assign(this, { rows, keys, serving });
    const refused = rows.filter((row) => row.refusal).length;
    this.all = make("input", { type: "checkbox", id: "signing-all", onchange: () => this.offer() });
    const options = keys.map((key) => make("option", { value: key.kid }, key.kid.split("#")[1]));
    this.chosen = make("select", { id: "signing-key" }, options);
    this.sums = make("div");
    this.signers = make("div");
    this.chosen.addEventListener("change", () => this.offer());
    this.body.replaceChildren(
      ...(this.shared ? [this.signers] : []),
      make("p", { class: "hint" }, tell(here, "from_bytes")),
      ...(rows.length === 1 ? single(here, rows[0]) : [this.sums, list(here, rows)]),
      ...(refused ? this.warning(refused) : []),
      ...this.cautions(),
      this.terms(),
    );
    this.offer();
  }

  warning(refused) {
    const { here, rows } = this;
    const told = rows.length === 1
      ? alert("warn", tell(here, "would_refuse"), rows[0].refusal.text)
      : alert("warn", tell(here, "would_refuse_some", { n: refused, of: rows.length }), tell(here, "left_out"));
    return [told, make("label", { class: "check" }, this.all, make("span", {}, tell(here, "send_refused")))];
  }

  /** What the rules allow and the signer should know; of many, how many there are and the first three. */
  cautions() {
    const { here, rows } = this;
    const told = rows.flatMap((row) => row.warnings ?? []);
    if (!told.length) {
      return [];
    }
    const first = told.slice(0, 3).map((text) => make("p", {}, text));
    return [alert("warn", tell(here, "caution", { n: told.length }), ...first)];
  }

  terms() {
    const { here, rows } = this;
    const until = textOf(rows[0].said.validUntil, "instant", { here, names: {} });
    const pairs = [[tell(here, "network"), plainly(here.network)], [tell(here, "valid_until"), until]];
    if (rows.length === 1) {
      pairs.push([tell(here, "transaction"), make("code", {}, rows[0].said.id)]);
    }
    if (!this.shared || this.shared.helps) {
      pairs.push([make("label", { for: "signing-key" }, tell(here, "key")), this.chosen]);
    }
    return make("div", { class: "terms" }, facts(pairs));
  }

  /** The one transaction that others sign too, or nothing. */
  get shared() {
    return this.rows.length === 1 && (this.rows[0].needs || this.rows[0].before) ? this.rows[0] : undefined;
  }

  get key() {
    return this.keys.find((one) => one.kid === this.chosen.value);
  }

  /** The rows that will be sent as things stand. */
  get going() {
    return this.rows.filter((row) => !row.refusal || this.all.checked);
  }

  offer() {
    const { here, going, shared } = this;
    if (shared) {
      this.offerShared(shared);
      return;
    }
    this.sums.replaceChildren(summary(here, going));
    const acts = going.length === 1 && going[0].readings.length === 1
      ? going[0].readings[0].act
      : tell(here, "transactions", { n: going.length });
    const words = tell(here, going.length === 1 && this.rows.length === 1 ? "sign_one" : "sign_many", { act: acts });
    this.close("cancel", button("primary", words, () => this.work(() => this.go()), { disabled: !going.length }));
  }

  /** Signing with all that is here; sending when nobody is missing then, else handing over. */
  offerShared(row) {
    const { here } = this;
    this.plan = planned(here, row, this.key, this.serving);
    const { now, missing } = this.plan;
    this.signers.replaceChildren(signatures(here, row, this.plan));
    const words = missing.length ? now.length && "sign_over" : now.length ? "sign_one" : "send_one";
    const does = () => this.work(() => this.go());
    const act = row.readings[0].act;
    this.close("cancel", words && button("primary", tell(here, words, { act }), does, { disabled: !this.going.length }));
  }

  close(words, ...before) {
    const away = button("", tell(this.here, words), () => this.dialog.close());
    this.foot.replaceChildren(...before.filter(Boolean), away);
  }

  async go() {
    const { key, going: rows, shared, plan } = this;
    for (const row of rows) {
      row.envelope = await signed(row.payload, row === shared ? plan.now : [key], row.before);
    }
    if (!this.dialog.open) {
      return; // somebody thought better of it: nothing was sent
    }
    if (shared && plan.missing.length) {
      this.handOver(shared);
      return;
    }
    await this.handIn(rows);
  }

  /** Signed here, and others are missing: a file for the next of them. */
  handOver(row) {
    const { here, plan } = this;
    const names = plan.missing.map((need) => nameOf(here, row, need.party));
    const until = textOf(row.said.validUntil, "instant", { here, names: {} });
    this.body.replaceChildren(
      alert("good", tell(here, "handed_signed"), tell(here, "handed_missing", { who: names.join(tell(here, "comma")) })),
      passing(here, row),
      make("p", { class: "hint" }, tell(here, "handed_next", { until })),
    );
    this.close("close");
    this.heading.focus();
  }

  /** One thing at a time, told when it fails; `sending` is over when it is, though somebody closed the dialog. */
  work(step) {
    if (!this.isBusy) {
      this.busy(true);
      this.sending = step().catch((error) => this.fail(error)).finally(() => this.busy(false));
    }
  }

  async handIn(rows) {
    const { here } = this;
    const meter = make("progress", { max: rows.length, value: 0, "aria-label": tell(here, "sending") });
    const count = make("span", { role: "status" }, tell(here, "sent_of", { n: 0, of: rows.length }));
    this.body.replaceChildren(make("p", { class: "sending" }, meter, count));
    this.foot.replaceChildren();
    this.heading.focus();
    this.wasSent = true;
    await send(rows, here.language, (done) => {
      meter.value = done;
      count.textContent = tell(here, "sent_of", { n: done, of: rows.length });
    });
    this.outcome(rows);
  }

  busy(isBusy) {
    this.isBusy = isBusy;
    const change = isBusy ? "addEventListener" : "removeEventListener";
    globalThis[change]("beforeunload", this.leaving);
  }

  outcome(rows) {
    const { here } = this;
    const open = rows.filter((row) => !row.answer);
    const refused = rows.filter((row) => row.answer?.code);
    const accepted = rows.filter((row) => row.answer?.code === 0);
    const parts = rows.length === 1 ? this.oneOutcome(rows[0]) : [
      accepted.length && alert("good", tell(here, "accepted_some", { n: accepted.length, of: rows.length })),
      refused.length && alert("bad", tell(here, "refused_some", { n: refused.length })),
      open.length && this.unanswered(open),
      this.reasons([...refused, ...open]),
    ];
    this.body.replaceChildren(...parts.filter(Boolean));
    const again = open.length && button("primary", tell(here, "again"), () => this.work(() => this.handIn(rows)));
    this.close("close", again);
    this.heading.focus();
  }

  oneOutcome(row) {
    const { here } = this;
    if (!row.answer) {
      return [this.unanswered([row])];
    }
    if (row.answer.code) {
      return [alert("bad", tell(here, "refused"), row.answer.text)];
    }
    const href = `/console/signing/evidence/${row.said.id}`;
    const link = here.party && make("a", { class: "button small", href, download: "" }, tell(here, "evidence"));
    return [alert("good", tell(here, "accepted", { height: row.answer.receipt.height })),
      facts([[tell(here, "transaction"), make("code", {}, row.said.id)]]), link && make("p", {}, link)];
  }

  reasons(rows) {
    const { here } = this;
    const told = rows.map((row) => {
      const [kind, words] = row.answer ? ["bad", "row_refused"] : ["warn", "row_open"];
      const act = make("p", {}, badge(kind, tell(here, words)), " ", row.readings[0].act);
      return make("li", {}, act, row.answer && make("p", { class: "hint" }, row.answer.text));
    });
    const list = make("ol", { class: "rows" }, told.slice(0, MANY));
    const more = told.length > MANY && button("small", tell(here, "show_all", { n: told.length }), () => {
      list.append(...told.slice(MANY));
      more.remove();
    });
    return told.length ? make("div", {}, list, more) : null;
  }

  unanswered(rows) {
    const { here } = this;
    return alert("warn", tell(here, "unanswered", { n: rows.length }), rows[0].failed, tell(here, "again_safe"));
  }

  /** What became of each transaction, in the order asked; null when nothing was sent. */
  results() {
    if (!this.wasSent) {
      return null;
    }
    return this.rows.map(({ said, answer, refusal, envelope }) => ({
      transaction: said.id,
      accepted: answer?.code === 0,
      code: answer?.code ?? null,
      text: answer?.text ?? "",
      fields: answer?.fields ?? {},
      height: answer?.receipt?.height ?? null,
      receipt: answer?.receipt ?? null,
      expected: answer || envelope ? null : (refusal ?? null),
    }));
  }
}
