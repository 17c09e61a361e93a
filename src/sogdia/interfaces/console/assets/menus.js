/** Menus close with Escape or a click elsewhere; dialogs open from their buttons. Pages work without this. */

for (const dialog of document.querySelectorAll("dialog[data-dialog]")) {
  dialog.close();
}

/* This module runs first: what does not load after it is told, for its buttons would do nothing. */
document.addEventListener("error", ({ target }) => {
  const told = document.getElementById("unloaded");
  if (target.localName === "script" && told) {
    document.getElementById("main").prepend(told.content);
    told.remove();
  }
}, true);

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) {
      menu.open = false;
    }
  }
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    document.getElementById(opener.dataset.opens)?.showModal();
  }
  event.target.closest("[data-closes]")?.closest("dialog")?.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") {
    return;
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
