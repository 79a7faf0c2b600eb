// Native dialogs open and close by `commandfor`; this stands in where a browser does not know it yet.

if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (!dialog) return;
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    else dialog.close();
  });
}

// A server that refuses a form sends it back inside its dialog: open that one again.
document.querySelectorAll("dialog[data-open]").forEach((dialog) => dialog.showModal());
