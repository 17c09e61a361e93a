/** Buttons that copy what stands beside them, and one that prints; without this they are not shown. */

const TOLD_MS = 2_000;

for (const one of document.querySelectorAll("[data-copies], [data-prints]")) {
  one.hidden = false;
  one.addEventListener("click", () => ("prints" in one.dataset ? window.print() : copy(one)));
}

async function copy(button) {
  const words = button.dataset.words ??= button.textContent;
  try {
    await navigator.clipboard.writeText(textOf(document.getElementById(button.dataset.copies)));
    button.textContent = button.dataset.copied;
  } catch {
    button.textContent = button.dataset.failed;
  }
  setTimeout(() => {
    button.textContent = words;
  }, TOLD_MS);
}

/** A list by lines; a secret without the blanks between its groups. */
function textOf(shown) {
  const lines = [...shown.querySelectorAll("li")].map((one) => one.textContent.trim());
  return lines.length ? `${lines.join("\n")}\n` : shown.textContent.replaceAll(/\s/g, "");
}
