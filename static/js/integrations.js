// The form of a connection: a field that belongs to a choice is there while that is chosen. What is hidden is not sent.

for (const box of document.querySelectorAll("[data-shown-if]")) {
  const chooser = document.getElementById(box.dataset.shownIf);
  if (!chooser) continue;
  const wanted = box.dataset.shownFor.split("|");
  const value = () => (chooser.type === "checkbox" ? String(chooser.checked) : chooser.value);
  const show = () => {
    box.hidden = !wanted.includes(value());
    for (const field of box.querySelectorAll("input, select, textarea")) field.disabled = box.hidden;
  };
  chooser.addEventListener("input", show);
  show();
}
