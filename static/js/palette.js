// The search from anywhere: ⌘K or /, arrows through what is found, Enter goes there. ? shows the shortcuts; g and a letter
// goes to a page of the navigation. Without this the link in the navigation leads to the page of the search.

const WAIT = 160;
// After g, so long a letter is waited for.
const PATIENCE = 1200;

const palette = document.getElementById("palette");
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
let going = -Infinity;

if (palette) {
  const input = palette.querySelector("input");
  const list = palette.querySelector("#palette-hits");
  const note = palette.querySelector("[role=status]");
  const failed = palette.querySelector("[data-failed]");
  let waiting = 0;
  let asked = 0;

  const hits = () => [...list.querySelectorAll("a.hit")];
  const active = () => list.querySelector("a.hit[data-active]");

  const mark = (hit) => {
    active()?.removeAttribute("data-active");
    hit?.setAttribute("data-active", "");
    hit?.scrollIntoView({ block: "nearest" });
    if (hit) input.setAttribute("aria-activedescendant", hit.id);
    else input.removeAttribute("aria-activedescendant");
  };

  const ask = async () => {
    const turn = (asked += 1);
    failed.hidden = true;
    try {
      const answer = await fetch(`${palette.dataset.hitsAt}?q=${encodeURIComponent(input.value)}`);
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-hits]");
      // Of two questions the later one counts, whichever is answered first.
      if (turn !== asked) return;
      list.replaceChildren(found);
    } catch {
      if (turn !== asked) return;
      list.replaceChildren();
      failed.hidden = false;
    }
    hits().forEach((hit, place) => (hit.id = `palette-hit-${place}`));
    input.setAttribute("aria-expanded", String(hits().length > 0));
    note.textContent = input.value.trim() ? note.dataset.found.replace("{count}", String(hits().length)) : "";
    mark(hits()[0]);
  };

  const open = () => {
    if (palette.open) return;
    palette.showModal();
    input.select();
    ask();
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
  });

  input.addEventListener("keydown", (event) => {
    // A browser would empty the field first.
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      palette.close();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const all = hits();
      mark(all[(all.indexOf(active()) + step + all.length) % all.length]);
    }
    if (event.key === "Enter" && active() && !event.isComposing) {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) window.open(active().href, "_blank", "noopener");
      else active().click();
    }
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("a[data-opens-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.getElementById("sidebar")?.hidePopover?.();
    open();
  });

  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      event.preventDefault();
      open();
    } else if (event.key === "?") {
      location.assign(palette.dataset.shortcutsAt);
    } else if (event.key === "g") {
      going = event.timeStamp;
    } else if (event.timeStamp - going < PATIENCE) {
      going = -Infinity;
      document.querySelector(`.nav-link[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
    }
  });
}
