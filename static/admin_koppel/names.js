// Select2 gives its boxes no name: each takes the one of the field that it stands for.

window.addEventListener("load", () => {
  for (const box of document.querySelectorAll("[id^=select2-][id$=-container]")) {
    const field = box.id.slice("select2-".length, -"-container".length);
    const label = document.querySelector(`label[for="${CSS.escape(field)}"]`);
    if (label) box.setAttribute("aria-label", label.textContent.trim());
  }
});
