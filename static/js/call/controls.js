// The bar under the room: microphone, camera, screen, leave; by hand and by keyboard.

import * as devices from "./devices.js";
import { byId, current, say, shortcut, turn, words } from "./dom.js";

const button = { microphone: byId("microphone"), camera: byId("camera"), screen: byId("screen"), leave: byId("leave") };
let room;

const toast = (text) => document.dispatchEvent(new CustomEvent("koppel:toast", { detail: { level: "warn", text } }));

/** The bar says how things are in this room from now on. */
export function use(opened) {
  room = opened;
  draw();
}

export function draw() {
  const me = room?.localParticipant;
  if (!me) return;
  turn(button.microphone, me.isMicrophoneEnabled, me.isMicrophoneEnabled ? words.microphoneOff : words.microphoneOn);
  turn(button.camera, me.isCameraEnabled, me.isCameraEnabled ? words.cameraOff : words.cameraOn);
  turn(button.screen, me.isScreenShareEnabled, me.isScreenShareEnabled ? words.shareStop : words.shareStart);
  button.screen.hidden = !navigator.mediaDevices?.getDisplayMedia || !mayShare(me);
}

// As the server numbers the sources; an empty list means all of them.
const SCREEN = 3;

function mayShare(me) {
  const sources = me.permissions?.canPublishSources ?? [];
  return sources.length === 0 || sources.includes(SCREEN);
}

async function act(which, work) {
  if (!room || button[which].getAttribute("aria-busy") === "true") return;
  button[which].setAttribute("aria-busy", "true");
  try {
    await work(room.localParticipant);
  } catch (error) {
    // Whoever closes the browser's own question has decided; everything else is said.
    if (which !== "screen") toast(error.name === "NotAllowedError" ? words.denied : words.deviceFailed);
    else if (error.name !== "NotAllowedError") toast(words.sharingFailed);
  } finally {
    button[which].removeAttribute("aria-busy");
    draw();
  }
}

const acts = {
  microphone: () =>
    act("microphone", async (me) => {
      await me.setMicrophoneEnabled(!me.isMicrophoneEnabled);
      say(me.isMicrophoneEnabled ? words.unmutedNow : words.mutedNow);
    }),
  camera: () =>
    act("camera", async (me) => {
      await me.setCameraEnabled(!me.isCameraEnabled);
      say(me.isCameraEnabled ? words.cameraOnNow : words.cameraOffNow);
    }),
  screen: () => act("screen", (me) => me.setScreenShareEnabled(!me.isScreenShareEnabled, { audio: true })),
  leave: () => room?.disconnect(),
};

for (const [name, run] of Object.entries(acts)) button[name].addEventListener("click", run);

document.addEventListener("keydown", (event) => {
  const name = current() === "room" ? { m: "microphone", c: "camera", s: "screen", l: "leave" }[shortcut(event)] : undefined;
  if (!name || (name === "screen" && button.screen.hidden)) return;
  event.preventDefault();
  acts[name]();
});

// The same pickers as in the lobby: they move to where they are needed.
byId("devices").addEventListener("click", () => {
  const pickers = byId("room-pickers");
  pickers.replaceChildren(...[...byId("pickers").children].map((field) => field.cloneNode(true)));
  for (const field of pickers.children) {
    const select = field.querySelector("select");
    select.id = `room-${select.id}`;
    field.querySelector("label").htmlFor = select.id;
  }
  if (devices.canUseDevices()) devices.fill(pickers);
});

byId("room-pickers").addEventListener("change", async (event) => {
  devices.choose(event.target.dataset.kind, event.target.value);
  try {
    await room?.switchActiveDevice(event.target.dataset.kind, event.target.value);
  } catch {
    toast(words.deviceFailed);
  }
});
