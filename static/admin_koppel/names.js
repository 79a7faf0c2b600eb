// Names for what Unfold and its parts leave without: a box of Select2 takes the one of the field that it stands for,
// a field in a row the one of its column, and a table that scrolls the one of its heading.

function nameBoxes() {
  for (const box of document.querySelectorAll("[id^=select2-][id$=-container]:not([aria-label])")) {
    const field = box.id.slice("select2-".length, -"-container".length);
    const label = document.querySelector(`label[for="${CSS.escape(field)}"]`);
    if (!label) continue;
    box.setAttribute("aria-label", label.textContent.trim());
    box.closest("[role=combobox]")?.setAttribute("aria-label", label.textContent.trim());
  }
}

function nameFields() {
  const fields = ":is(input, select, textarea):not([type=hidden], [aria-label])";
  for (const field of document.querySelectorAll(`.formset-wrapper td ${fields}`)) {
    const column = field.name.split("-").pop();
    const heading = field.closest("table").querySelector(`th.column-${CSS.escape(column)} span span`);
    if (heading && !field.labels?.length) field.setAttribute("aria-label", heading.firstChild.textContent.trim());
  }
}

// Before SimpleBar begins, which takes the name over from this attribute.
function nameTables() {
  for (const table of document.querySelectorAll(".formset-wrapper[data-simplebar]")) {
    const heading = table.closest("fieldset")?.querySelector("h2");
    if (heading) table.setAttribute("data-simplebar-aria-label", heading.textContent.trim());
    // A heading without a word is none.
    for (const cell of table.querySelectorAll("thead th")) {
      if (!cell.textContent.trim()) cell.setAttribute("role", "cell");
    }
  }
}

document.addEventListener("DOMContentLoaded", () => {
  nameTables();
  nameBoxes();
  nameFields();
  new MutationObserver(() => {
    nameBoxes();
    nameFields();
  }).observe(document.body, { childList: true, subtree: true });
});
