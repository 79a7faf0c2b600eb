// Native dialogs open and close by `commandfor`; this stands in where a browser does not know it yet.

if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (!dialog) return;
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    else dialog.close();
  });
}

// A server that refuses a form sends it back inside its dialog: open that one again.
document.querySelectorAll("dialog[data-open]").forEach((dialog) => dialog.showModal());

// A link that names a drawer shows its page at the side, and keeps the list behind it. With a key held, and where the page
// cannot be shown so, it stays the link that it is.
async function fill(drawer, address) {
  const body = drawer.querySelector("[data-drawer-body]");
  body.replaceChildren(drawer.querySelector("[data-drawer-waiting]").content.cloneNode(true));
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  await show(drawer, answer);
}

async function show(drawer, answer) {
  const body = drawer.querySelector("[data-drawer-body]");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main .page");
  if (!page) throw new Error("no page");
  drawer.querySelector("[data-drawer-title]").textContent = page.querySelector("h1")?.textContent ?? "";
  page.querySelectorAll("nav.breadcrumb, h1, .page-actions").forEach((part) => part.remove());
  body.replaceChildren(...page.childNodes);
  window.htmx?.process(body);
  body.dispatchEvent(new CustomEvent("koppel:filled", { bubbles: true }));
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-drawer]");
  const drawer = link && document.getElementById(link.dataset.drawer);
  if (!drawer || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  // A link in a drawing has an object for its address.
  const address = new URL(link.getAttribute("href"), location).href;
  const whole = drawer.querySelector("[data-drawer-page]");
  whole.href = address;
  whole.hidden = false;
  link.focus({ preventScroll: true });
  if (!drawer.open) drawer.showModal();
  try {
    await fill(drawer, address);
  } catch {
    location.assign(address);
  }
});

// A form that belongs to a drawer is sent without leaving it: what is refused comes back with its reasons at its fields.
// What was taken leads on, as the answer says where to.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const drawer = form.closest("dialog.drawer[open]");
    if (!drawer || !form.hasAttribute("data-drawer-form") || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (!form.hasAttribute("data-sent")) send(form, drawer, event.submitter);
  },
  true,
);

async function send(form, drawer, button) {
  form.setAttribute("data-sent", "");
  button?.setAttribute("aria-busy", "true");
  drawer.querySelector("[data-drawer-lost]")?.remove();
  try {
    const headers = { Accept: "text/html", "Koppel-Drawer": "1" };
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button), headers });
    const onward = answer.headers.get("Koppel-Location") ?? (answer.redirected ? answer.url : "");
    if (onward) return location.assign(onward);
    if (!answer.ok) throw new Error(String(answer.status));
    await show(drawer, answer);
    drawer.querySelector("[data-drawer-body]").scrollTo(0, 0);
    drawer.querySelector("[data-drawer-body] [aria-invalid=true]")?.focus();
  } catch {
    form.prepend(drawer.querySelector("[data-drawer-failed]").content.cloneNode(true));
    form.removeAttribute("data-sent");
    button?.removeAttribute("aria-busy");
    form.querySelector("[data-drawer-lost]").scrollIntoView({ block: "nearest" });
  }
}
