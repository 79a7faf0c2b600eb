// A form is sent once, and says that it is on its way. Save waits until there is something to save.

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
  // What brings a file leaves the page as it is.
  if (form.hasAttribute("data-stays")) return;
  if (form.hasAttribute("data-sent")) {
    event.preventDefault();
    return;
  }
  form.setAttribute("data-sent", "");
  button?.setAttribute("aria-busy", "true");
});

// Coming back by the browser's own button brings the page back as it was left: busy.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
  for (const button of document.querySelectorAll("button[aria-busy=true][type=submit]")) button.removeAttribute("aria-busy");
});

// `data-needs` names the field that must not be empty, or several of which one must not.
for (const button of document.querySelectorAll("button[data-needs]")) {
  const fields = button.dataset.needs.split(" ").map((id) => document.getElementById(id));
  const check = () => (button.disabled = fields.every((field) => field.value.trim() === ""));
  for (const field of fields) field.addEventListener("input", check);
  check();
}

// A button that asks by itself, without its form being sent, is busy until the answer is there.
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches("button")) detail.elt.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.matches("button")) detail.elt.removeAttribute("aria-busy");
});

// The first field that was refused is where the person goes on.
document.querySelector("form[method=post] [aria-invalid=true]")?.focus();

// What a button's own request refused is said at the field, as after sending the form. The page has the mould of it.
document.addEventListener("koppel:refused", ({ detail }) => {
  const field = document.getElementById(detail.field);
  forgive(field);
  const error = document.getElementById("field-error").content.firstElementChild.cloneNode(true);
  error.id = `${field.id}_error`;
  error.querySelector("li").textContent = detail.text;
  field.closest(".field").append(error);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${error.id}`.trim());
  field.focus();
});

// What was wrong with a field is no longer said of what is typed into it since.
document.addEventListener("input", ({ target: field }) => forgive(field));

function forgive(field) {
  if (field.getAttribute("aria-invalid") !== "true") return;
  const error = document.getElementById(`${field.id}_error`);
  if (!error?.classList.contains("field-error")) return;
  error.remove();
  field.removeAttribute("aria-invalid");
  const left = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== error.id);
  if (left.length) field.setAttribute("aria-describedby", left.join(" "));
  else field.removeAttribute("aria-describedby");
}
