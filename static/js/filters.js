// A filter applies as soon as it is changed: the form is sent by itself, and the page that comes has the focus where it was.
// Words apply when they are entered, or left.

const PLACE = "koppel-filter";
const WAIT = 350;

const nameOf = (field) => field?.closest("[data-combobox]")?.querySelector("[role=combobox]")?.id ?? field?.id;
let waiting = 0;

function send(form, field) {
  const fields = [...form.elements].filter((element) => element.name && !element.disabled);
  // What is empty needs no place in the address.
  for (const element of fields) if (element.value === "") element.disabled = true;
  form.setAttribute("aria-busy", "true");
  sessionStorage.setItem(PLACE, JSON.stringify({ path: location.pathname, id: nameOf(field) }));
  form.submit();
}

document.addEventListener("change", ({ target: field }) => {
  const form = field.closest?.("form[data-filters]");
  if (!form || !field.name) return;
  clearTimeout(waiting);
  // Whoever goes through a list by arrow keys changes it at each step: the last one counts.
  waiting = setTimeout(() => form.checkValidity() && send(form, field), WAIT);
});

// Whoever typed words and then presses a link wants to go there.
document.addEventListener("click", (event) => event.target.closest?.("a[href]") && clearTimeout(waiting), true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-filters]")) return;
  event.preventDefault();
  clearTimeout(waiting);
  send(form, document.activeElement);
});

const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
sessionStorage.removeItem(PLACE);
if (kept && kept.path === location.pathname) {
  const field = document.getElementById(kept.id);
  field?.closest("details")?.setAttribute("open", "");
  field?.focus({ preventScroll: true });
}

// Coming back by the browser's own button finds the fields that were left out of the address usable again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-filters]")) {
    form.removeAttribute("aria-busy");
    for (const element of form.elements) element.disabled = false;
  }
});
