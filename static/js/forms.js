// A form is sent once, and says that it is on its way. Save waits until there is something to save.

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
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

for (const button of document.querySelectorAll("button[data-needs]")) {
  const field = document.getElementById(button.dataset.needs);
  const check = () => (button.disabled = field.value.trim() === "");
  field.addEventListener("input", check);
  check();
}

// The first field that was refused is where the person goes on.
document.querySelector("form[method=post] [aria-invalid=true]")?.focus();
