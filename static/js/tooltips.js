// What a title says, at once and for the keyboard too. Without this the browser shows the titles itself, later.

const tip = document.createElement("div");
tip.className = "tooltip";
tip.popover = "manual";
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);
const BEARERS = "[title], [data-tip], .chart-hit, .heat";
let bearer = null;

function textOf(element) {
  // Moved, not copied: two tooltips for one thing would be one too many. What a reader needs stays as a description.
  if (element.title) {
    element.dataset.tip = element.title;
    if (!element.hasAttribute("aria-label")) element.setAttribute("aria-description", element.title);
    element.removeAttribute("title");
  }
  const drawn = element.querySelector?.(":scope > title");
  if (drawn) {
    element.dataset.tip = drawn.textContent;
    drawn.remove();
  }
  return element.dataset.tip;
}

function show(element) {
  const text = textOf(element);
  if (!text || bearer === element) return;
  bearer = element;
  tip.textContent = text;
  tip.showPopover();
  const box = element.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const above = box.top - own.height - 6;
  const left = box.left + box.width / 2 - own.width / 2;
  tip.style.top = `${above > 4 ? above : box.bottom + 6}px`;
  tip.style.left = `${Math.max(4, Math.min(left, document.documentElement.clientWidth - own.width - 4))}px`;
}

function hide() {
  if (!bearer) return;
  bearer = null;
  tip.hidePopover();
}

const near = (event) => (event.target.closest ? event.target.closest(BEARERS) : null);
document.addEventListener("pointerover", (event) => {
  const element = near(event);
  if (element) show(element);
  else hide();
});
document.addEventListener("focusin", (event) => {
  hide();
  const element = near(event);
  if (element?.matches(":focus-visible")) show(element);
});
document.addEventListener("focusout", hide);
document.addEventListener("pointerdown", hide);
document.addEventListener("scroll", hide, true);
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
