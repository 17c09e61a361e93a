/** Instants in the zone in which this page was made (`data-zone`), as `words/clock.py` tells them on the server. */

const MINUTE_MS = 60_000;

/** The IANA name of the page's zone; UTC where the node knows of none. */
export const zone = known(document.documentElement.dataset.zone ?? "UTC");

const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone, calendar: "iso8601", numberingSystem: "latn", hourCycle: "h23", era: "short",
  year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
});

/** How far the page's clock is from UTC at an instant, in milliseconds. @param {number} ms */
function away(ms) {
  const at = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, value]));
  const shown = new Date(0);
  shown.setUTCFullYear(at.era.startsWith("B") ? 1 - at.year : Number(at.year), at.month - 1, Number(at.day));
  shown.setUTCHours(Number(at.hour), Number(at.minute), Number(at.second));
  return shown.getTime() - Math.floor(ms / 1000) * 1000;
}

/** UTC, UTC+8, UTC-3:30. @param {number} [ms] an instant; now, when it is left out */
export function offset(ms = Date.now()) {
  const minutes = Math.round(away(ms) / MINUTE_MS);
  const rest = Math.abs(minutes) % 60;
  const far = `${Math.trunc(Math.abs(minutes) / 60)}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
  return minutes ? `UTC${minutes < 0 ? "-" : "+"}${far}` : "UTC";
}

/** Day and time of the page's clock, without its zone: 2026-11-22 10:35:07. @param {number} ms */
export function dayAndTime(ms) {
  return plain(ms + away(ms));
}

/** An instant in the page's zone and in UTC, to the second, or finer where it is finer. @param {number} ms */
export function inZoneAndUtc(ms) {
  const universal = `${plain(ms)} UTC`;
  return offset(ms) === "UTC" ? universal : `${dayAndTime(ms)} ${offset(ms)} (${universal})`;
}

/**
 * Milliseconds of UTC of a day and a time of the page's clock, or of UTC where it ends in Z; undefined for what no
 * clock shows, such as the hour that is leapt over in spring. Of one that comes twice in autumn it is the first.
 * @param {string} text
 */
export function millisecondsOf(text) {
  const found = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z?)$/.exec(text);
  const shown = found ? Date.parse(`${found[1]}T${found[2]}Z`) : NaN;
  if (Number.isNaN(shown) || !new Date(shown).toISOString().startsWith(found[1])) {
    return undefined;
  }
  if (found[3]) {
    return shown;
  }
  const far = [away(shown - 86_400_000), away(shown + 86_400_000)];
  return far.map((one) => shown - one).find((ms) => ms + away(ms) === shown);
}

function plain(ms) {
  return new Date(ms).toISOString().replace(/(:\d\d)\.000Z$/, "$1").replace("Z", "").replace("T", " ");
}

function known(name) {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name });
    return name;
  } catch {
    return "UTC";
  }
}
