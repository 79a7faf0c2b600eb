// The lines of a transcript: a press on one plays it, the one that plays is marked, arrows go from line to line, c comments.
// Comments stand at their place among the lines. A link with ?t=125 leads to that second. Without this a line's time is a
// link to where it plays, and the comments stand in a list.

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const scroll = (element, block = "center") => element.scrollIntoView({ block, behavior: calm ? "auto" : "smooth" });
const share = document.getElementById("share-link");
const address = share?.value;
const clock = (seconds) => {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const end = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${end}` : `${minutes}:${end}`;
};

let lines = [];
let times = [];
let current = null;
let asked = new URLSearchParams(location.search).get("t");

// The last line that begins at this second or before it.
function lineAt(seconds) {
  let [low, high] = [0, lines.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (times[middle] <= seconds) low = middle;
    else high = middle - 1;
  }
  return lines[low];
}

// The link of a colleague leads to the place that this person is at.
function point(seconds) {
  if (!share) return;
  const button = document.querySelector('[data-copy="share-link"]');
  share.value = seconds > 0 ? `${address}?t=${Math.floor(seconds)}` : address;
  const word = button.querySelector("[data-copy-word]");
  if (seconds > 0 && !button.hasAttribute("data-copied")) word.textContent = button.dataset.shareAt.replace("{time}", clock(seconds));
}

const inSight = (line) => {
  const box = line.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
};

function mark(line) {
  if (line === current) return;
  const follows = current && inSight(current);
  current?.removeAttribute("aria-current");
  current = line;
  current.setAttribute("aria-current", "true");
  if (follows && !inSight(current)) scroll(current);
}

// One stop for the keyboard among a thousand lines: the line that one is at.
function stopAt(line) {
  for (const link of document.querySelectorAll("[data-lines] .transcript-time[tabindex='0']")) link.tabIndex = -1;
  line.querySelector(".transcript-time").tabIndex = 0;
}

function goTo(seconds) {
  if (!lines.length) return;
  const line = lineAt(seconds);
  mark(line);
  stopAt(line);
  scroll(line);
  line.querySelector(".transcript-time").focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("koppel:place", { detail: { at: seconds } }));
  point(seconds);
}

function placeComments() {
  const list = document.querySelector("[data-comments]");
  for (const old of document.querySelectorAll("[data-lines] > .call-comment")) old.remove();
  if (!list || !lines.length) return;
  // Those of one line stand under it in their own order.
  for (const comment of [...list.querySelectorAll("[data-comment-at]")].reverse()) lineAt(Number(comment.dataset.commentAt)).after(comment);
}

function begin() {
  const list = document.querySelector("[data-lines]");
  if (!list || list.hasAttribute("data-ready")) return;
  list.setAttribute("data-ready", "");
  lines = [...list.querySelectorAll(".transcript-line")];
  times = lines.map((line) => Number(line.dataset.at));
  for (const line of lines) line.querySelector(".transcript-time").tabIndex = -1;
  if (lines.length) stopAt(lines[0]);
  placeComments();
  if (asked && /^\d{1,6}$/.test(asked)) goTo(Number(asked));
  asked = null;
}

const lineOf = (target) => target.closest?.("[data-lines] > .transcript-line");

function writeAt(line) {
  const form = document.querySelector("[data-comment-form]");
  if (!form) return;
  line.after(form);
  form.querySelector("[name=at]").value = clock(Number(line.dataset.at));
  form.querySelector("[name=text]").focus();
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const line = lineOf(event.target);
  if (event.target.closest("[data-comment-here]")) return writeAt(line);
  const place = event.target.closest("[data-place]");
  const link = event.target.closest("a");
  if (place && lines.length) {
    event.preventDefault();
    return goTo(Number(place.dataset.place));
  }
  if (!line) return;
  stopAt(line);
  const time = line.querySelector(".transcript-time");
  if (link) {
    // Where nothing plays, the time of a line is the way to it.
    if (link === time && link.getAttribute("href").startsWith("?t=")) {
      event.preventDefault();
      goTo(Number(line.dataset.at));
    } else if (link === time) point(Number(line.dataset.at));
    return;
  }
  // Whoever selects words does not want to hear them.
  if (!getSelection().isCollapsed || !time.hasAttribute("data-seek") || event.target.closest("button, form")) return;
  time.click();
});

document.addEventListener("keydown", (event) => {
  const line = lineOf(event.target);
  if (!line || !event.target.matches(".transcript-time") || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = lines.indexOf(line);
  const next = { ArrowDown: lines[at + 1], ArrowUp: lines[at - 1], Home: lines[0], End: lines.at(-1) }[event.key];
  if (next) {
    event.preventDefault();
    stopAt(next);
    next.querySelector(".transcript-time").focus();
  } else if (event.key === "c") {
    event.preventDefault();
    writeAt(line);
  }
});

// One button goes along with whoever points at a line, or stands on it.
const mould = document.querySelector("[data-comment-mould]");
const writer = mould?.content.firstElementChild.cloneNode(true);
const follow = (event) => {
  const line = writer && lineOf(event.target);
  if (line && writer.parentElement !== line) line.append(writer);
};
document.addEventListener("pointerover", follow);
document.addEventListener("focusin", follow);

document.addEventListener("koppel:played", ({ detail }) => {
  if (lines.length) mark(lineAt(detail.at));
  point(detail.at);
});

begin();
document.addEventListener("htmx:load", begin);
document.addEventListener("htmx:beforeRequest", (event) => {
  // The form goes home before its section is written anew.
  const form = event.target.closest?.("[data-comment-form]");
  if (form) document.querySelector("#call-comments").append(form);
});
// A lead that was taken from the list is set at once.
document.addEventListener("change", ({ target }) => {
  if (target.type === "hidden" && target.value) target.closest("[data-lead-form]")?.requestSubmit();
});

// Where the button that was pressed is gone with its part of the page, the keyboard goes on in the same part.
let part = "";
document.addEventListener("htmx:beforeRequest", ({ detail }) => (part = detail.target.id));
document.addEventListener("htmx:afterSettle", () => {
  const active = document.activeElement;
  if (!part.startsWith("call-") || (active && active !== document.body)) return;
  document.getElementById(part)?.querySelector("[data-focus]")?.focus({ preventScroll: true });
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "call-comments" || document.querySelector("[data-comments] [data-comment-at]")) placeComments();
});
