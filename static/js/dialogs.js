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
  const whole = drawer.querySelector("[data-drawer-page]");
  whole.href = link.href;
  whole.hidden = false;
  link.focus({ preventScroll: true });
  if (!drawer.open) drawer.showModal();
  try {
    await fill(drawer, link.href);
  } catch {
    location.assign(link.href);
  }
});
