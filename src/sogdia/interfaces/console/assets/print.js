/** At the foot of each printed sheet: the network, the height and time of the record that was read, and the address. */

const foot = document.querySelector(".foot");
const parts = [...foot.querySelectorAll(":scope > span")].map((one) => {
  const moment = one.querySelector("time");
  const words = one.textContent.trim();
  return moment ? words.replace(moment.textContent, moment.title) : words;
});
const address = parts.pop();
const told = [parts.join("   "), address].map((line) => JSON.stringify(line).slice(1, -1)).join("\\A ");

/* A style sheet made by a script, as only such a one can write what differs from page to page into the margin. */
const sheet = new CSSStyleSheet({ media: "print" });
sheet.replaceSync(`@page { @bottom-left { content: "${told}"; white-space: pre-wrap; overflow-wrap: anywhere; width: 85%; font-size: 8pt; } }
  .foot { display: none; }`);
document.adoptedStyleSheets.push(sheet);
