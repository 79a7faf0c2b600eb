// The guests of a meeting are shown in the schedule's dialog: it opens when they have come. Without this they are a page.

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = document.getElementById(event.target.dataset?.opens ?? "");
  if (dialog && !dialog.open) dialog.showModal();
});
