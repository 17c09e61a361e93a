/** Where files come from: chosen or dropped, pasted, or from a link of this very site. */

import { Unfit } from "./bytes.js";
import { say } from "./words.js";

/** @typedef {{name: string, blob: Blob}} Given */

/** @param {FileList} list @returns {Given[]} */
export const chosen = (list) => [...list].map((file) => ({ name: file.name, blob: file }));

/** @param {string} text @returns {Promise<Given[]>} */
export async function pasted(text) {
  if (!text.trim()) {
    throw new Unfit("file_none");
  }
  return [{ name: say("file.pasted"), blob: new Blob([text]) }];
}

/** A file of this very site; from elsewhere nothing is fetched. @param {string} link @returns {Promise<Given[]>} */
export async function fetched(link) {
  const place = URL.canParse(link, location.origin) ? new URL(link, location.origin) : null;
  if (place?.origin !== location.origin) {
    throw ofLink("link_elsewhere", { origin: location.origin });
  }
  let answer;
  try {
    answer = await fetch(place, { headers: { accept: "application/json" }, redirect: "error" });
  } catch {
    throw ofLink("link_failed");
  }
  if (!answer.ok) {
    throw ofLink("link_refused", { status: answer.status });
  }
  const name = place.pathname.split("/").at(-1) || place.pathname;
  return [{ name, blob: await answer.blob().catch(() => Promise.reject(ofLink("link_failed"))) }];
}

const ofLink = (why, fields) => Object.assign(new Unfit(why, fields), { part: "link" });
