// Select2 gives its boxes no name: each takes the one of the field that it stands for, whenever it appears.

function nameBoxes() {
  for (const box of document.querySelectorAll("[id^=select2-][id$=-container]:not([aria-label])")) {
    const field = box.id.slice("select2-".length, -"-container".length);
    const label = document.querySelector(`label[for="${CSS.escape(field)}"]`);
    if (!label) continue;
    box.setAttribute("aria-label", label.textContent.trim());
    box.closest("[role=combobox]")?.setAttribute("aria-label", label.textContent.trim());
  }
}

document.addEventListener("DOMContentLoaded", () => {
  nameBoxes();
  new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
});
