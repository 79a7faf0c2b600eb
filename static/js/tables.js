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

// What grows at its end, as days do, is shown from its end.
for (const frame of document.querySelectorAll("[data-from-end]")) frame.scrollLeft = frame.scrollWidth;
