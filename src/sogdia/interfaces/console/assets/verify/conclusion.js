/** What a file proves, in sentences: which record, who stated what, when it was accepted, and what is not proved. */

import { made } from "./elements.js";
import { actWords, called } from "./values.js";
import { instant, say } from "./words.js";

const MOST_TOLD = 12;

/** The checks of one file, gathered while they come. */
export class Conclusion {
  /** @param {{network: string, about: {table: string, key: string}, basis: object, from: string}} outline */
  constructor(outline) {
    this.outline = outline;
    this.checkpoint = null;
    this.first = null;
    this.absent = new Set();
    this.statements = new Map();
    this.names = new Map();
    Object.assign(this, { all: 0, failed: 0 });
  }

  /** @param {import("./check.js").Check} check */
  take(check) {
    this.all += 1;
    if (!check.holds) {
      this.failed += 1;
      this.first ??= check;
      return;
    }
    if (check.kind === "checkpoint") {
      this.checkpoint = check.fields;
    } else if (check.kind === "absence") {
      this.absent.add(check.name.slice("absence ".length).trim());
    } else if (check.table === "identity.party") {
      const told = new Map(check.shown);
      this.names.set(told.get("did"), told.get("name"));
    } else if (["logged", "signed", "bytes"].includes(check.kind)) {
      this.statement(check.name.split(" ")[1])[check.kind] = check.fields;
    }
  }

  statement(name) {
    if (!this.statements.has(name)) {
      this.statements.set(name, {});
    }
    return this.statements.get(name);
  }

  get holds() {
    return this.all > 0 && this.failed === 0;
  }

  /** The network's name where a receipt or the trusted header says it; else the origin, which the checkpoint says. */
  get network() {
    return this.statements.size || this.outline.basis.hash ? this.outline.network : this.checkpoint.origin;
  }

  /** The proof in a few words. */
  get title() {
    const { table, key } = this.outline.about;
    const record = called(table, key);
    if (!table) {
      return say("proved.file");
    }
    return say(this.absent.has(`${table} ${key}`) ? "proved.absent" : "proved.record", { record });
  }

  /** The proof as one sentence: where it stands, and who stated it when. */
  get sentence() {
    const { height, time_ms } = this.checkpoint;
    const stands = say("proved.stands", { network: this.network, height, time: instant(time_ms) });
    const told = [...this.statements.values()].sort((one, other) => Number(one.logged.leaf - other.logged.leaf));
    if (!told.length) {
      return stands;
    }
    const [first, last] = [told[0], told.at(-1)].map(({ logged }) => logged);
    const parties = new Set(told.flatMap(({ signed }) => signed.list));
    const times = { from: instant(first.time_ms), to: instant(last.time_ms), first: first.height, last: last.height };
    const who = { parties: this.people([...parties]), n: BigInt(told.length), of: BigInt(parties.size) };
    const rule = told.length > 1 ? (parties.size > 1 ? "proved.many" : "proved.some") : "proved.one";
    return `${stands}${say("join.space")}${say(rule, { ...times, ...who })}`;
  }

  /** Who stated what, as list items: at most some of them. */
  items() {
    const told = [...this.statements.values()].sort((one, other) => Number(one.logged.leaf - other.logged.leaf));
    const items = told.slice(0, MOST_TOLD).map(({ logged, signed, bytes }) => {
      const fields = { ...logged, people: this.people(signed.list, logged.code ? undefined : bytes.roles) };
      fields.time = instant(logged.time_ms);
      const item = made("li");
      item.append(made("b", "", actWords(bytes.asks)), say(logged.code ? "proved.refused" : "proved.accepted", fields));
      return item;
    });
    const left = told.length - items.length;
    return left > 0 ? [...items, made("li", "quiet", say("proved.more", { n: left }))] : items;
  }

  /** What nobody should read into it. @returns {string[]} */
  limits() {
    const { basis, from } = this.outline;
    const rests = basis.key ? say(`open.key_${from}`, basis) : say("open.header", basis);
    const history = say("open.whole", { height: this.checkpoint.height });
    return [rests, say("open.true"), history];
  }

  /** Parties by name, or by the role in which an accepted statement names them. */
  people(dids, roles = new Map()) {
    return dids.map((did) => {
      const name = this.names.get(did) ?? (roles.has(did) ? say(`field.${roles.get(did)}`) : "");
      return name ? `${name} (${did})` : did;
    }).join(say("join.comma"));
  }
}
