// The grid of people: as many columns as make the pictures largest, whatever the window. A shown screen takes the middle.

import { byId, filled, words } from "./dom.js";

const TILES = byId("tiles");
const SCREENS = byId("screens");
const RATIO = 16 / 9;
const tileOf = new Map();

const nameOf = (person) => (person.isLocal ? words.you : person.name || words.unnamed);
const initials = (name) => {
  const parts = name.split(/\s+/).filter((part) => /^[\p{L}\p{N}]/u.test(part));
  return (parts.length > 1 ? parts[0][0] + parts.at(-1)[0] : name.slice(0, 2)).toUpperCase();
};

function make(person) {
  const tile = byId("tile").content.firstElementChild.cloneNode(true);
  tileOf.set(person.identity, tile);
  // One's own picture stands last: the others are who one came for.
  if (person.isLocal) TILES.append(tile);
  else TILES.insertBefore(tile, TILES.querySelector(".tile-own"));
  tile.classList.toggle("tile-own", person.isLocal);
  return tile;
}

/** Draws one person as they are now. */
export function draw(person, { camera, muted }) {
  const tile = tileOf.get(person.identity) ?? make(person);
  const name = nameOf(person);
  tile.querySelector("[data-name]").textContent = name;
  tile.querySelector(".tile-avatar").textContent = initials(person.name || name);
  tile.querySelector(".tile-muted").hidden = !muted;
  tile.querySelector("[data-state]").textContent = muted ? `, ${words.muted}` : "";
  put(tile, camera, person.isLocal);
  layout();
}

function put(tile, track, own) {
  const place = tile.querySelector(".tile-picture");
  if (place.track === track) return;
  place.track?.detach().forEach((element) => element.remove());
  place.track = track;
  tile.classList.toggle("has-picture", Boolean(track));
  if (!track) return;
  const video = track.attach();
  video.classList.toggle("mirrored", own);
  video.setAttribute("aria-hidden", "true");
  place.append(video);
}

export function remove(person) {
  const tile = tileOf.get(person.identity);
  if (tile) put(tile);
  tile?.remove();
  tileOf.delete(person.identity);
  showScreen(person, undefined);
  layout();
}

export function clear() {
  for (const tile of [...tileOf.values(), ...SCREENS.children]) {
    put(tile);
    tile.remove();
  }
  tileOf.clear();
  layout();
}

/** The screen that somebody shows, or no longer does. */
export function showScreen(person, track) {
  const known = [...SCREENS.children].find((tile) => tile.dataset.of === person.identity);
  if (!track) {
    if (known) put(known);
    known?.remove();
  } else {
    const tile = known ?? byId("tile").content.firstElementChild.cloneNode(true);
    tile.dataset.of = person.identity;
    tile.classList.add("tile-screen");
    tile.querySelector("[data-name]").textContent = person.isLocal ? words.yourScreen : filled(words.screenOf, { name: nameOf(person) });
    if (!known) SCREENS.append(tile);
    put(tile, track, false);
  }
  layout();
}

export function speaking(people) {
  const loud = new Set(people.map((person) => person.identity));
  for (const [identity, tile] of tileOf) tile.classList.toggle("is-speaking", loud.has(identity));
}

function columnsFor(count, width, height) {
  let best = { columns: 1, size: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const size = Math.min(width / columns, (height / Math.ceil(count / columns)) * RATIO);
    if (size > best.size) best = { columns, size };
  }
  return best.columns;
}

export function layout() {
  const sharing = SCREENS.children.length > 0;
  SCREENS.hidden = !sharing;
  byId("room-stage").classList.toggle("is-sharing", sharing);
  const count = TILES.children.length;
  TILES.dataset.count = String(count);
  // On a narrow screen four and more would be stamps: then it scrolls, two side by side.
  const box = TILES.getBoundingClientRect();
  const columns = sharing ? 1 : columnsFor(count, box.width, box.height);
  const crowded = !sharing && box.width / columns < 140;
  TILES.style.setProperty("--columns", String(crowded ? 2 : columns));
  TILES.style.setProperty("--rows", String(Math.ceil(count / (crowded ? 2 : columns)) || 1));
  TILES.classList.toggle("is-scrolling", crowded || count > 25);
}

new ResizeObserver(layout).observe(byId("room-stage"));
