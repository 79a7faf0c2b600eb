// The guests of a meeting are shown in the schedule's dialog: it opens when they have come. Without this they are a page.

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = document.getElementById(event.target.dataset?.opens ?? "");
  if (dialog && !dialog.open) dialog.showModal();
  // The button that asked is gone with what it stood in: the link that it made is what comes next.
  if (document.activeElement === document.body || document.activeElement === dialog) {
    (event.target.querySelector("[data-copy]:not([hidden])") ?? event.target.querySelector("button"))?.focus();
  }
});
