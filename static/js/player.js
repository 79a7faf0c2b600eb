// A recording's player. Without this the browser's own controls do the work; with it there are ours, with a keyboard:
// space or k plays, arrows jump 5 seconds, j and l 10, m mutes, f fills the screen. On the knob arrows go by a second, the
// page keys by ten. A time in what was said leads here.

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const end = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${end}` : `${minutes}:${end}`;
};

function show(button, on) {
  for (const icon of button.querySelectorAll("[data-when]")) icon.toggleAttribute("hidden", (icon.dataset.when === "on") !== on);
}

function enhance(root) {
  const film = root.querySelector("video");
  const bar = root.querySelector("[data-player-bar]");
  const trouble = root.querySelector("[data-player-trouble]");
  const place = root.querySelector("[data-place]");
  const at = root.querySelector("[data-at]");
  const button = (name) => root.querySelector(`[data-act=${name}]`);
  const words = { off: button("play").getAttribute("aria-label"), on: button("play").dataset.playing };
  const address = film.getAttribute("src");
  let known = Number(film.dataset.seconds) || 0;
  let wanted = null;

  film.controls = false;
  bar.hidden = false;

  const length = () => (Number.isFinite(film.duration) && film.duration > 0 ? film.duration : known);
  const draw = () => {
    const now = wanted ?? film.currentTime;
    place.max = String(Math.floor(length()));
    place.value = String(Math.floor(now));
    place.setAttribute("aria-valuetext", `${clock(now)} / ${clock(length())}`);
    at.textContent = clock(now);
    root.querySelector("[data-end]").textContent = clock(length());
  };

  function play() {
    trouble.hidden = true;
    // Refused only where it fails, and then `error` says so.
    film.play().catch(() => {});
  }

  function seek(seconds) {
    const to = Math.min(Math.max(seconds, 0), length() || seconds);
    if (film.readyState === 0) wanted = to;
    else film.currentTime = to;
    draw();
    tell();
  }

  // The way to a recording works for some minutes; asked again it is a new one, and goes on where it was.
  function again() {
    const from = wanted ?? film.currentTime;
    film.setAttribute("src", address);
    film.load();
    wanted = from;
    play();
  }

  const acts = {
    play: () => (film.paused ? play() : film.pause()),
    mute: () => (film.muted = !film.muted),
    whole: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.()),
    again,
  };
  const keys = {
    " ": acts.play,
    k: acts.play,
    ArrowLeft: () => seek(film.currentTime - 5),
    ArrowRight: () => seek(film.currentTime + 5),
    j: () => seek(film.currentTime - 10),
    l: () => seek(film.currentTime + 10),
    m: acts.mute,
    f: acts.whole,
  };

  root.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (act) acts[act.dataset.act]();
    else if (event.target === film) acts.play();
  });
  root.addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const own = event.target.closest("select, input") || (event.target.closest("button") && key === " ");
    if (own || !(key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[key]();
  });
  place.addEventListener("input", () => seek(Number(place.value)));
  // The browser's own step is a tenth of the recording.
  const pages = { PageUp: 10, PageDown: -10 };
  place.addEventListener("keydown", (event) => {
    if (!(event.key in pages)) return;
    event.preventDefault();
    seek(Number(place.value) + pages[event.key]);
  });
  root.querySelector("[data-speed]").addEventListener("change", (event) => (film.playbackRate = Number(event.target.value)));

  film.addEventListener("loadedmetadata", () => {
    if (wanted !== null) film.currentTime = wanted;
    wanted = null;
    draw();
  });
  const tell = () => document.dispatchEvent(new CustomEvent("koppel:played", { detail: { at: wanted ?? film.currentTime } }));
  film.addEventListener("timeupdate", draw);
  film.addEventListener("timeupdate", tell);
  film.addEventListener("seeked", draw);
  for (const name of ["play", "pause", "ended"]) {
    film.addEventListener(name, () => {
      show(button("play"), !film.paused);
      button("play").setAttribute("aria-label", film.paused ? words.off : words.on);
    });
  }
  film.addEventListener("volumechange", () => {
    show(button("mute"), film.muted);
    button("mute").setAttribute("aria-pressed", String(film.muted));
  });
  let tried = false;
  film.addEventListener("playing", () => (tried = false));
  film.addEventListener("error", () => {
    // It played before: the way to it has run out. One new try, then the person is told.
    if (film.currentTime > 0 && !tried) {
      tried = true;
      again();
    } else {
      trouble.hidden = false;
    }
  });

  draw();
  return { seek, play, film };
}

const players = [...document.querySelectorAll("[data-player]")].map(enhance);

document.addEventListener("click", (event) => {
  const time = event.target.closest("[data-seek]");
  if (!time || !players.length || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  players[0].seek(Number(time.dataset.seek));
  players[0].play();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  players[0].film.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
});

// A place that was asked for without a wish to hear it at once.
document.addEventListener("koppel:place", ({ detail }) => players[0]?.seek(detail.at));
