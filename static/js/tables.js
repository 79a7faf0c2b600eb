// A frame that scrolls is a stop for the keyboard, so that it can be scrolled; one that does not is not.

const watcher = new ResizeObserver((entries) => {
  for (const { target: frame } of entries) {
    const scrolls = frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight;
    if (scrolls) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  }
});

document.querySelectorAll("[data-scrolls]").forEach((frame) => watcher.observe(frame));
document.addEventListener("htmx:load", (event) => {
  event.target.querySelectorAll?.("[data-scrolls]").forEach((frame) => watcher.observe(frame));
});

// A row that holds a link is pressed anywhere, as the link itself would be, modifier keys included. What can be pressed by
// itself keeps its own press, and text that was just selected is not a press at all.
const PRESSED_BY_ITSELF = "a, button, input, select, textarea, label, summary, [popover]";

function rowLinkOf(event) {
  const row = event.target.closest?.("tr");
  const link = row?.querySelector(".row-link");
  if (!link || event.target.closest(PRESSED_BY_ITSELF)) return null;
  const selection = getSelection();
  const selected = !selection.isCollapsed && selection.containsNode(row, true);
  return selected ? null : link;
}

document.addEventListener("click", (event) => {
  const { ctrlKey, metaKey, shiftKey } = event;
  rowLinkOf(event)?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
});
document.addEventListener("auxclick", (event) => {
  const link = event.button === 1 ? rowLinkOf(event) : null;
  if (link) window.open(link.href, "_blank", "noopener");
});

// What grows at its end, as days do, is shown from its end.
for (const frame of document.querySelectorAll("[data-from-end]")) frame.scrollLeft = frame.scrollWidth;
