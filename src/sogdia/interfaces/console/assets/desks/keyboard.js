/**
 * Keys of the customs queue and of one list, on top of plain links: all of it works without them.
 *
 * Single letters may belong to other tools (WCAG 2.1.4), so a person can turn them off; this browser remembers it.
 */

const help = document.querySelector("[data-keyboard]");
const KEPT = "sogdia-desk-keys";
const WRITING = "input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable], dialog, summary";

if (help) {
  const on = help.querySelector("[data-keys-on]");
  help.hidden = false;
  on.checked = localStorage.getItem(KEPT) !== "off";
  on.addEventListener("change", () => localStorage.setItem(KEPT, on.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const isOther = event.ctrlKey || event.metaKey || event.altKey || event.isComposing
      || document.querySelector("dialog[open]");
    if (on.checked && !isOther && !event.target.closest(WRITING) && act(event)) {
      event.preventDefault();
    }
  });
}

/** @returns {boolean} whether the key meant something here */
function act(event) {
  const rows = [...document.querySelectorAll("#decide tbody tr")];
  return document.querySelector("#decide[data-choosing]") ? inQueue(event, rows) : inList(event.key);
}

function inQueue(event, rows) {
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const { key } = event;
  if (key === "j" || key === "k" || (at >= 0 && (key === "ArrowDown" || key === "ArrowUp"))) {
    const step = key === "j" || key === "ArrowDown" ? 1 : -1;
    const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
    next?.querySelector("a").focus();
    next?.scrollIntoView({ block: "nearest" });
    return true;
  }
  if (key === " " && at >= 0 && event.target.matches("a")) {
    rows[at].querySelector('input[name="list"]')?.click();
    return true;
  }
  if (key === "o" && at >= 0) {
    rows[at].querySelector("a").click();
    return true;
  }
  return (key === "n" && follow('a[rel="next"]')) || (key === "p" && follow('a[rel="prev"]'));
}

function inList(key) {
  const ways = { j: 'a[rel="next"]', k: 'a[rel="prev"]', u: ".trail a" };
  return key in ways && follow(ways[key]);
}

function follow(which) {
  const link = document.querySelector(`main ${which}`);
  link?.click();
  return link !== null;
}
