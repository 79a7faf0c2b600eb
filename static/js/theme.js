// The theme changes at once; the form behind it tells the server, so that the next page comes in it too.

document.addEventListener("submit", (event) => {
  const form = event.target;
  const choice = event.submitter;
  if (!form.matches("[data-theme-form]") || !choice) return;
  event.preventDefault();
  if (choice.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice.value;
  for (const button of document.querySelectorAll("[data-theme-form] button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === choice.value));
  }
  fetch(form.action, { method: "POST", body: new FormData(form, choice), redirect: "manual" }).catch(() => {
    document.dispatchEvent(new CustomEvent("htmx:sendError"));
  });
});
