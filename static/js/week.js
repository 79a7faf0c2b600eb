// The week by its hours: arrow keys go from meeting to meeting, and the line of now moves on while the page is open.

const week = document.querySelector("[data-week]");

const days = () => [...week.querySelectorAll("[data-day]")].filter((day) => day.offsetParent !== null);
const meetings = (day) => [...day.querySelectorAll(".week-block")];

function beside(block, step) {
  const all = days();
  const top = block.getBoundingClientRect().top;
  for (let at = all.indexOf(block.closest("[data-day]")) + step; all[at]; at += step) {
    const found = meetings(all[at]);
    // The one that is nearest by the hour.
    found.sort((one, other) => away(one, top) - away(other, top));
    if (found[0]) return found[0];
  }
  return null;
}

const away = (block, top) => Math.abs(block.getBoundingClientRect().top - top);

function along(block, step) {
  const found = meetings(block.closest("[data-day]"));
  return found[found.indexOf(block) + step] ?? null;
}

week?.addEventListener("keydown", (event) => {
  const block = event.target.closest(".week-block");
  if (!block || event.ctrlKey || event.metaKey || event.altKey) return;
  const go = { ArrowLeft: [beside, -1], ArrowRight: [beside, 1], ArrowUp: [along, -1], ArrowDown: [along, 1] }[event.key];
  if (!go) return;
  event.preventDefault();
  go[0](block, go[1])?.focus();
});

const line = week?.querySelector("[data-now]");
if (line) {
  const drawnAt = Date.now();
  const first = parseFloat(getComputedStyle(line).getPropertyValue("--down")) * 60;
  const minutes = first + parseFloat(getComputedStyle(line).getPropertyValue("--minute"));
  setInterval(() => {
    const now = minutes + (Date.now() - drawnAt) / 60000;
    line.style.setProperty("--down", String(Math.floor(now / 60)));
    line.style.setProperty("--minute", String(now % 60));
  }, 60000);
}
