/** Text of others: what changes how it looks without being seen is told by its number, as all over the console. */

const UNSEEN = /[\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|(?![\t\n\r])\p{Cc}/gu;

/** @param {unknown} text @returns {string} */
export const plainly = (text) =>
  String(text).replace(UNSEEN, (sign) => `⟨U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
