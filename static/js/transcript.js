// Finds a word in what was said: every place is marked, and the arrows go from one to the next. Accents and case do not
// matter, as in the search of all calls. Without this the browser's own search finds the words.

const bare = (character) => character.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// The text without accents and case, and for each of its characters where that stands in the text as it is.
function folded(text) {
  let plain = "";
  const from = [];
  let at = 0;
  for (const character of text) {
    const without = bare(character);
    for (let i = 0; i < without.length; i++) from.push(at);
    plain += without;
    at += character.length;
  }
  from.push(at);
  return { plain, from };
}

function mark(paragraph, text, needle, kept) {
  const { plain, from } = kept;
  const pieces = [];
  let done = 0;
  for (let found = plain.indexOf(needle); found >= 0; found = plain.indexOf(needle, found + needle.length)) {
    const [begin, end] = [from[found], from[found + needle.length]];
    const hit = document.createElement("mark");
    hit.textContent = text.slice(begin, end);
    pieces.push(text.slice(done, begin), hit);
    done = end;
  }
  if (!pieces.length) return [];
  paragraph.replaceChildren(...pieces, text.slice(done));
  return pieces.filter((piece) => piece instanceof Element);
}

function enhance(root) {
  const field = root.querySelector("[data-find-field]");
  const count = root.querySelector("[data-find-count]");
  const steps = root.querySelectorAll("[data-find-step]");
  const lines = [...root.querySelectorAll("[data-said]")].map((paragraph) => {
    const text = paragraph.textContent;
    return { paragraph, text, kept: folded(text) };
  });
  let hits = [];
  let at = -1;
  let marked = [];

  function say() {
    count.textContent = !field.value.trim() ? "" : hits.length ? `${at + 1} / ${hits.length}` : count.dataset.none;
    for (const step of steps) step.hidden = hits.length < 2;
  }

  function go(to, scroll = true) {
    hits[at]?.removeAttribute("aria-current");
    at = (to + hits.length) % hits.length;
    hits[at].setAttribute("aria-current", "true");
    if (scroll) hits[at].scrollIntoView({ block: "center" });
    say();
  }

  function find(words, scroll = true) {
    for (const line of marked) line.paragraph.textContent = line.text;
    [hits, marked, at] = [[], [], -1];
    const needle = folded(words.trim()).plain;
    if (needle) {
      for (const line of lines) {
        const found = mark(line.paragraph, line.text, needle, line.kept);
        if (found.length) marked.push(line);
        hits.push(...found);
      }
    }
    if (hits.length) go(0, scroll);
    else say();
  }

  root.querySelector("[data-transcript-tools]").hidden = false;
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => find(field.value), 120);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (hits.length) go(at + (event.shiftKey ? -1 : 1));
  });
  for (const step of steps) step.addEventListener("click", () => go(at + Number(step.dataset.findStep)));

  // Whoever comes from the search of all calls finds the first word of it marked, and stays at the top of the page.
  const asked = (root.dataset.find || "").replace(/^-\S+|["“”„«»]/g, " ").trim();
  if (asked) {
    find(asked, false);
    if (!hits.length) find(asked.split(/\s+/)[0], false);
    if (hits.length) field.value = marked.length ? hits[0].textContent : asked;
    say();
  }
}

const every = (root) => {
  for (const one of root.querySelectorAll("[data-transcript]:not([data-ready])")) {
    one.setAttribute("data-ready", "");
    enhance(one);
  }
};

every(document);
document.addEventListener("htmx:load", (event) => every(event.target.parentElement ?? document));
