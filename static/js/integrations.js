// The form of a connection: a field that belongs to a choice is there while that is chosen. What is hidden is not sent.

function follow(box) {
  const chooser = document.getElementById(box.dataset.shownIf);
  if (!chooser) return;
  const wanted = box.dataset.shownFor.split("|");
  const value = () => (chooser.type === "checkbox" ? String(chooser.checked) : chooser.value);
  const show = () => {
    box.hidden = !wanted.includes(value());
    for (const field of box.querySelectorAll("input, select, textarea")) field.disabled = box.hidden;
  };
  chooser.addEventListener("input", show);
  show();
}

const enhance = (root) => root.querySelectorAll("[data-shown-if]").forEach(follow);
enhance(document);
document.addEventListener("koppel:filled", (event) => enhance(event.target));

// A test shows its steps as they end: the page chooses the number that they are kept under, and looks until the answer
// is there. Only a secure page has such numbers; elsewhere all of them come with the answer.
const pause = () => new Promise((go) => setTimeout(go, 350));

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const address = detail.elt.dataset.steps;
  if (!address || !crypto.randomUUID) return;
  const number = crypto.randomUUID();
  detail.parameters.watch = number;
  look(detail.elt, detail.target, address.replace(/[^/]+$/, number));
});

async function look(button, target, address) {
  let isOver = false;
  const end = () => (isOver = true);
  button.addEventListener("htmx:beforeOnLoad", end, { once: true });
  button.addEventListener("htmx:afterRequest", end, { once: true });
  target.replaceChildren();
  for (let shown = ""; !isOver; await pause()) {
    const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
    const steps = answer?.ok && !answer.redirected ? await answer.text() : "";
    if (isOver || !steps.trim() || steps === shown) continue;
    shown = steps;
    target.innerHTML = steps;
  }
}

// What came of it is below the button, and comes into sight.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.requestConfig.elt.dataset.steps) detail.target.scrollIntoView({ block: "nearest" });
});
