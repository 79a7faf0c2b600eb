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

// Rows that are selected: how many, all at once, and the bar of what is done with them, which is there only while some are.
const boxesOf = (form) => [...document.querySelectorAll(`.table-select input[type=checkbox][form="${form}"]`)];

function count(bar) {
  const chosen = boxesOf(bar.dataset.bulk).filter((box) => box.checked).length;
  const words = bar.querySelector("[data-bulk-count]");
  bar.hidden = chosen === 0 && !bar.querySelector("[aria-invalid=true], .field-error");
  bar.toggleAttribute("data-active", chosen > 0);
  words.textContent = chosen === 1 ? words.dataset.one : words.dataset.many.replace("{count}", String(chosen));
}

const recount = () => document.querySelectorAll("[data-bulk]").forEach(count);

document.addEventListener("change", ({ target: box }) => {
  if (!box.closest?.(".table-select")) return;
  const table = box.closest("table");
  const rows = [...table.querySelectorAll("tbody .table-select input")];
  const all = table.querySelector("[data-select-all]");
  if (box === all) for (const row of rows) row.checked = all.checked;
  const chosen = rows.filter((row) => row.checked).length;
  all.checked = chosen === rows.length;
  all.indeterminate = chosen > 0 && chosen < rows.length;
  recount();
});

document.querySelectorAll("[data-select-all]").forEach((box) => (box.hidden = false));
recount();
// Coming back by the browser's own button finds the boxes as they were left.
addEventListener("pageshow", recount);

// Rows stand closer at once; the form behind it tells the server, so that the next page comes so too.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches("[data-density-form]") || !button) return;
  event.preventDefault();
  event.stopPropagation();
  const body = new FormData(form, button);
  const compact = button.value === "compact";
  for (const table of document.querySelectorAll(".table-block .table")) {
    table.classList.toggle("table-compact", compact);
    table.classList.toggle("table-comfortable", !compact);
  }
  for (const other of document.querySelectorAll("[data-density-form] button")) {
    other.value = compact ? "comfortable" : "compact";
    other.setAttribute("aria-pressed", String(compact));
  }
  fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {
    document.dispatchEvent(new CustomEvent("htmx:sendError"));
  });
}, true);
