// A menu is a native popover: opening, closing, Escape and outside clicks are the browser's. Here: arrow keys, the
// state on the button, and a place for it where CSS anchors are not known yet.

const anchored = CSS.supports("position-area", "block-end");
const buttonOf = (panel) => document.querySelector(`[popovertarget="${panel.id}"]`);
const itemsOf = (panel) => [...panel.querySelectorAll("a[href], button:not(:disabled), input:not([type=hidden]), select")];

function place(panel, button) {
  const box = button.getBoundingClientRect();
  const below = box.bottom + panel.offsetHeight + 8 < window.innerHeight;
  panel.style.top = `${below ? box.bottom : box.top - panel.offsetHeight - 8}px`;
  panel.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - panel.offsetWidth - 8))}px`;
}

document.addEventListener(
  "toggle",
  (event) => {
    const panel = event.target;
    const button = panel.matches?.("[popover][id]") && buttonOf(panel);
    if (!button) return;
    const open = event.newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (!panel.matches(".menu-panel") || !open) return;
    if (!anchored) place(panel, button);
    if (button.matches(":focus-visible")) itemsOf(panel)[0]?.focus();
  },
  true,
);

// The menu that a key is meant for: the one around it, or the one that its button has just opened. The browser says that a
// menu is open a moment after it is: a key that comes in between counts as pressed on the first item.
function menuOf(element) {
  const button = element.closest?.("[popovertarget]");
  const panel = button ? document.getElementById(button.getAttribute("popovertarget")) : element.closest?.(".menu-panel");
  return panel?.matches(".menu-panel:popover-open") ? panel : null;
}

document.addEventListener("keydown", (event) => {
  const panel = menuOf(event.target);
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!panel || step === undefined) return;
  event.preventDefault();
  const items = itemsOf(panel);
  const entered = document.activeElement;
  const at = entered.matches("[popovertarget]:focus-visible") ? 0 : items.indexOf(entered);
  const next = Number.isFinite(step) ? (at + step + items.length) % items.length : step < 0 ? 0 : items.length - 1;
  items[next]?.focus();
});
