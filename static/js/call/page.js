// The way of one visit: lobby, connecting, room, left; and back to any of them.

import { byId, configuration, stage, words } from "./dom.js";
import { letIn, Refused } from "./join.js";
import { library } from "./library.js";
import * as lobby from "./lobby.js";
import { enter, Unreachable } from "./room.js";

let wanted = { audio: true, video: true };
let guest;
// Each try has a number: what a cancelled one still brings is let go.
let attempt = 0;

async function join() {
  const mine = (attempt += 1);
  const cancelled = () => mine !== attempt;
  stage("connecting");
  // It starts while the key is asked for; whether it came is `enter`'s to say.
  library().catch(() => {});
  try {
    const key = await letIn(guest);
    if (cancelled()) return;
    const room = await enter(key, wanted, ended);
    if (cancelled()) return room.disconnect();
    stage("room");
  } catch (error) {
    if (cancelled()) return;
    if (error instanceof Refused) toLobby(error.message);
    else if (error instanceof Unreachable) stage("unreachable");
    else {
      stage("unreachable");
      throw error;
    }
  }
}

function toLobby(problem = "") {
  attempt += 1;
  byId("join-problem-text").textContent = problem;
  byId("join-problem").hidden = !problem;
  stage("lobby");
  lobby.open();
}

function ended(how) {
  if (how === "lost") return stage("unreachable");
  byId("left-title").textContent = words[`${how}Title`];
  byId("left-text").textContent = how === "left" ? (configuration.isGuest ? words.leftGuest : words.leftText) : words[how];
  stage("left");
}

byId("join-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const filledIn = lobby.guest();
  if (filledIn === null) return;
  guest = filledIn;
  wanted = lobby.wanted();
  lobby.close();
  join();
});
byId("connecting-cancel").addEventListener("click", () => toLobby());
byId("unreachable-retry").addEventListener("click", join);
byId("unreachable-lobby").addEventListener("click", () => toLobby());
byId("rejoin").addEventListener("click", () => toLobby());

lobby.open();
