/** Elements, made of text alone: nothing that came from elsewhere is ever read as markup. */

const SHAPES = {
  good: "M3 8.5l3.2 3.2L13 4.8",
  warn: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.4",
  bad: "M4 4l8 8M12 4l-8 8",
  info: "M8 7.2v4.6M8 4.2v.4",
  quiet: "M3.5 8h9",
  wait: "M8 4v4.3l2.8 1.7M8 1.8a6.2 6.2 0 100 12.4A6.2 6.2 0 008 1.8z",
  key: "M9.4 9.4a3.6 3.6 0 10-2.8-2.8L2 11.2V14h2.8l.8-.8v-1.6h1.6l.4-.4zM10.6 5.4h.1",
};
const SVG = "http://www.w3.org/2000/svg";
/** What changes how text looks without being seen: controls, marks of direction, joiners, fillers. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/**
 * @param {string} name @param {Record<string, unknown>} [given] attributes; `on*` are listeners
 * @param {...unknown} inner texts and elements; nothing, or false, leaves a place empty
 */
export function make(name, given = {}, ...inner) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(given)) {
    if (attribute.startsWith("on")) {
      made.addEventListener(attribute.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(attribute, value === true ? "" : String(value));
    }
  }
  made.append(...inner.flat(9).filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

/** @param {string} kind */
export function icon(kind) {
  const made = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  made.setAttribute("class", "icon");
  made.setAttribute("viewBox", "0 0 16 16");
  made.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[kind]);
  made.append(path);
  return made;
}

/** A button that does something. @param {string} kind classes beside `button` @param {() => void} does */
export const button = (kind, words, does, given = {}) =>
  make("button", { class: `button ${kind}`.trim(), type: "button", onclick: does, ...given }, words);

/** A button serves again; the focus that it lost while it did not comes back. @param {HTMLButtonElement} one */
export function serve(one) {
  one.disabled = false;
  if (document.activeElement === document.body) {
    one.focus();
  }
}

export const badge = (kind, words) => make("span", { class: `badge ${kind}` }, icon(kind), words);

/** What happened and what to do. @param {string} kind @param {string} title @param {...unknown} inner */
export function alert(kind, title, ...inner) {
  const role = kind === "bad" ? "alert" : "status";
  const words = inner.filter(Boolean).map((one) => (typeof one === "string" ? make("p", {}, one) : one));
  return make("div", { class: `alert ${kind}`, role }, icon(kind),
    make("div", {}, title && make("p", { class: "alert-title" }, title), ...words));
}

/** Text with every sign in it that cannot be seen told by its number. @param {string} text */
export const plainly = (text) =>
  text.replace(UNSEEN, (sign) => `⟨U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

/** Text of others, kept from turning what stands around it. @param {string} text */
export const said = (text) => make("bdi", {}, plainly(text));

/** Pairs of words and value, as a list of facts. */
export const facts = (pairs) =>
  make("dl", { class: "facts" }, pairs.map(([words, value]) =>
    make("div", {}, make("dt", {}, words), make("dd", {}, value))));

/** A line for the terminal, with a button that copies it. */
export function commandLine(text, words) {
  const code = make("code", {}, text);
  const copy = button("small", words.copy, async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = words.copied;
    } catch {
      getSelection().selectAllChildren(code);
    }
  });
  return make("div", { class: "command" }, code, copy);
}
