/** What is to be signed: one transaction in full, or many by kinds and sums with a list that opens. */

import { badge, facts, make, plainly } from "./dom.js";
import { decimal, minorDigits, rawText } from "./values.js";
import { say, tell } from "./words.js";

const AT_A_TIME = 50;
const FEW = 5;
const AMOUNTS = ["paid_minor", "amount_minor"];
/** What decides, in messages that say very different things by it. */
const DECIDES = { "customs.answer": "code", "logistics.report_status": "status", "governance.vote": "choice" };

/** One transaction: each message's sentence, then everything in it. */
export function single(here, row) {
  const parts = row.readings.map((reading) => make("section", { class: "message" },
    reading.sentence(), make("details", { open: row.readings.length === 1 },
      make("summary", {}, tell(here, "everything")), reading.everything())));
  return [...parts, ...besides(here, row)];
}

/** What stands in the payload beside what is known there. */
function besides(here, { said }) {
  const unknown = say(here, "sign_value.unknown_field");
  const pairs = said.rest.map(([name, value]) =>
    [`${plainly(name)} (${unknown})`, make("code", {}, plainly(rawText(value)))]);
  return pairs.length ? [facts(pairs)] : [];
}

/** What is done, to be counted with others of the same: its kind, and what was decided. @param {object} reading */
function deed(reading) {
  const decided = DECIDES[reading.tag] && reading.text(DECIDES[reading.tag]);
  return decided ? `${reading.kind} · ${decided}` : reading.kind;
}

/** Kinds, numbers and sums of many transactions. */
export function summary(here, rows) {
  const readings = rows.flatMap((row) => row.readings);
  const transactions = rows.length;
  const kinds = Map.groupBy ? Map.groupBy(readings, deed) : grouped(readings);
  const figure = (count) => make("b", { class: "figure" }, decimal(BigInt(count), 0));
  const pairs = [...kinds].map(([kind, ones]) => [kind, make("span", {}, figure(ones.length), ...sums(here, ones))]);
  const all = [tell(here, "transactions_label"), figure(transactions)];
  return make("div", { class: "terms" }, facts([all, ...pairs]));
}

function grouped(readings) {
  const found = new Map();
  for (const one of readings) {
    found.set(deed(one), [...(found.get(deed(one)) ?? []), one]);
  }
  return found;
}

function sums(here, readings) {
  const found = new Map();
  for (const { message, about } of readings) {
    const name = AMOUNTS.find((one) => typeof message.get(one) === "bigint");
    if (name) {
      found.set(about.currency, (found.get(about.currency) ?? 0n) + message.get(name));
    }
  }
  return [...found].map(([currency, minor]) => {
    const digits = currency ? minorDigits(here, currency) : 0;
    const unit = currency || say(here, "sign_value.minor_units");
    return make("span", { class: "sum figure" }, `${decimal(minor, digits)} ${unit}`);
  });
}

/** Each of many transactions, to be opened. */
export function list(here, rows) {
  const made = make("ol", { class: "rows acts" });
  const more = make("button", { class: "button small", type: "button" });
  let shown = 0;
  const show = () => {
    made.append(...rows.slice(shown, shown + AT_A_TIME).map((row) => entry(here, row)));
    shown += AT_A_TIME;
    more.hidden = shown >= rows.length;
    more.textContent = tell(here, "show_more", { n: Math.min(AT_A_TIME, rows.length - shown) });
  };
  more.addEventListener("click", show);
  const details = make("details", {}, make("summary", {}, tell(here, "each_one")), made, more);
  details.addEventListener("toggle", () => shown === 0 && show());
  details.open = rows.length <= FEW;
  return details;
}

function entry(here, row) {
  const acts = row.readings.map((one) => one.act).join(say(here, "sign_value.comma"));
  const mark = row.refusal && badge("warn", tell(here, "row_would"));
  const details = make("details", {}, make("summary", {}, acts, " ", mark));
  details.addEventListener("toggle", () => {
    if (details.children.length === 1) {
      const why = row.refusal && make("p", { class: "hint" }, row.refusal.text);
      details.append(make("div", {}, why, ...single(here, row),
        facts([[tell(here, "transaction"), make("code", {}, row.said.id)]])));
    }
  });
  return make("li", {}, details);
}
