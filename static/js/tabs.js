// Sections become tabs. Without this they stand under each other with their headings, and nothing is lost.

function enhance(root) {
  const panels = [...root.querySelectorAll(":scope > [data-tab]")];
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", root.dataset.tabs);

  const tabs = panels.map((panel) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.className = "tab";
    tab.id = `${panel.id}-tab`;
    tab.textContent = panel.dataset.tab;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.tabIndex = 0;
    panel.querySelector(":scope > [data-tab-heading]").hidden = true;
    list.append(tab);
    return tab;
  });

  function select(index, { focus = false, remember = true } = {}) {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
      panels[i].hidden = i !== index;
    });
    if (focus) tabs[index].focus();
    if (remember) history.replaceState(null, "", `#${panels[index].id}`);
  }

  list.addEventListener("click", (event) => {
    const index = tabs.indexOf(event.target);
    if (index >= 0) select(index);
  });
  list.addEventListener("keydown", (event) => {
    const forward = getComputedStyle(list).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const at = tabs.indexOf(event.target);
    const to = { [forward]: at + 1, [back]: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    select((to + tabs.length) % tabs.length, { focus: true });
  });

  root.prepend(list);
  const named = panels.findIndex((panel) => `#${panel.id}` === location.hash);
  select(Math.max(named, 0), { remember: false });
}

document.querySelectorAll("[data-tabs]").forEach(enhance);

// Tabs that are links scroll where they do not fit: the one that is open is in sight.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const [frame, own] = [tab.parentElement.getBoundingClientRect(), tab.getBoundingClientRect()];
  tab.parentElement.scrollLeft += own.left + own.width / 2 - frame.left - frame.width / 2;
}
