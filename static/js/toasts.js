// Short messages in the corner. Three ways in: Django's messages (already in the page), an `HX-Trigger` answer header
// and any script, both by the event `koppel:toast` with {level: good|info|warn|bad, text}.

const region = document.querySelector("[data-toasts]");
const GOES_AWAY_AFTER = 6000;
// What can be taken back stays long enough to be read and reached.
const UNDO_GOES_AWAY_AFTER = 20000;

function settle(toast) {
  const close = toast.querySelector("[data-toast-close]");
  if (close) close.hidden = false;
  // What went wrong stays until it is read.
  if (toast.dataset.level === "bad" || toast.dataset.level === "warn") return;
  let timer;
  const wait = toast.querySelector("form, [data-undo]") ? UNDO_GOES_AWAY_AFTER : GOES_AWAY_AFTER;
  const start = () => (timer = setTimeout(() => toast.remove(), wait));
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, start);
  start();
}

// What was done can be taken back while its message stands.
function offer(toast, { word, address, values, target }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-small";
  button.textContent = word;
  button.setAttribute("data-undo", "");
  button.addEventListener("click", () => {
    toast.remove();
    htmx.ajax("POST", address, { source: document.body, values, target, swap: "outerHTML" });
  });
  toast.querySelector("[data-toast-text]").after(button);
}

function show(level, text, undo) {
  const mould = document.getElementById(`toast-${level}`) || document.getElementById("toast-info");
  const toast = mould.content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-toast-text]").textContent = text;
  // A native dialog lies above the page; its toasts must lie above it too.
  const place = document.querySelector("dialog[open] [data-toasts]") || region;
  // Said again, it is the same toast.
  for (const one of place.querySelectorAll("[data-toast]")) {
    if (one.dataset.level === toast.dataset.level && one.textContent === toast.textContent) one.remove();
  }
  if (undo) offer(toast, undo);
  place.append(toast);
  settle(toast);
}

if (region) {
  region.querySelectorAll("[data-toast]").forEach(settle);
  document.addEventListener("koppel:toast", (event) => show(event.detail.level, event.detail.text, event.detail.undo));
  document.addEventListener("htmx:sendError", () => show("bad", region.dataset.unreachable));
  document.addEventListener("htmx:responseError", () => show("bad", region.dataset.failed));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-toast-close]");
    if (button) button.closest("[data-toast]").remove();
  });
}
