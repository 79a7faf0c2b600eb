// The lobby: see and hear yourself, choose devices, and be told what to do when something is in the way.

import * as devices from "./devices.js";
import { byId, configuration, shortcut, turn, words, current } from "./dom.js";
import { Meter } from "./meter.js";

const tracks = {};
// What the person wants, whatever the devices can do.
const wants = { audio: true, video: true };
const meter = new Meter(byId("level"));
const buttons = { audio: byId("lobby-microphone"), video: byId("lobby-camera") };
const VIDEO = byId("preview-video");

export const wanted = () => ({ audio: wants.audio && Boolean(tracks.audio), video: wants.video && Boolean(tracks.video) });

export async function open() {
  byId("device-problem").hidden = true;
  if (!devices.canMakeCalls()) return problem("tooOld", false);
  if (!devices.canUseDevices()) return problem("insecure", false);
  note(words.looking);
  const found = await devices.open();
  if (current() !== "lobby") return stopAll(found);
  tracks.audio = found.audio;
  tracks.video = found.video;
  watch(found.problems);
  await devices.fill(byId("pickers"), using());
  show();
}

/** The camera's light goes out: the room opens its own. */
export function close() {
  meter.stop();
  stopAll(tracks);
  delete tracks.audio;
  delete tracks.video;
  VIDEO.srcObject = null;
  byId("preview").dataset.camera = "waiting";
}

function stopAll(found) {
  found.audio?.stop();
  found.video?.stop();
}

const using = () => ({
  audioinput: tracks.audio?.getSettings().deviceId,
  videoinput: tracks.video?.getSettings().deviceId,
});

function watch(problems) {
  const { audio, video } = problems;
  if (!audio && !video) return;
  if (audio && video) return problem([audio, video].includes("denied") ? "denied" : [audio, video].includes("busy") ? "busy" : "missing", true);
  if (video === "missing" || audio === "missing") return problem("missing", true, video ? words.missingCamera : words.missingMicrophone);
  problem(audio ?? video, true);
}

function problem(name, canRetry, text = words[name]) {
  byId("device-problem-title").textContent = words[`${name}Title`];
  byId("device-problem-text").textContent = text;
  byId("device-retry").hidden = !canRetry;
  byId("device-problem").hidden = false;
  show();
}

function note(text) {
  byId("preview-note").textContent = text;
  byId("preview-note").hidden = !text;
}

function show() {
  const { audio, video } = wanted();
  for (const kind of ["audio", "video"]) buttons[kind].disabled = !tracks[kind];
  turn(buttons.audio, audio, audio ? words.microphoneOff : words.microphoneOn);
  turn(buttons.video, video, video ? words.cameraOff : words.cameraOn);
  byId("preview").dataset.camera = video ? "on" : "off";
  VIDEO.srcObject = video ? new MediaStream([tracks.video]) : null;
  note(video ? "" : words.cameraIsOff);
  byId("level").closest(".level").hidden = !tracks.audio;
  if (audio) meter.start(tracks.audio);
  else meter.stop();
}

async function flip(kind) {
  if (!tracks[kind]) return;
  wants[kind] = !wants[kind];
  // A camera that is not shown is let go of, so that its light goes out.
  if (kind === "video" && !wants.video) tracks.video.stop();
  if (kind === "video" && wants.video) tracks.video = (await devices.open(["video"])).video;
  show();
}

async function pick(event) {
  const kind = event.target.dataset.kind;
  devices.choose(kind, event.target.value);
  if (kind === "audiooutput") return VIDEO.setSinkId?.(event.target.value).catch(() => {});
  const which = kind === "videoinput" ? "video" : "audio";
  tracks[which]?.stop();
  const found = await devices.open([which]);
  tracks[which] = found[which];
  byId("device-problem").hidden = true;
  watch(found.problems);
  show();
}

buttons.audio.addEventListener("click", () => flip("audio"));
buttons.video.addEventListener("click", () => flip("video"));
byId("device-retry").addEventListener("click", open);
byId("pickers").addEventListener("change", pick);
document.addEventListener("keydown", (event) => {
  const kind = current() === "lobby" ? { m: "audio", c: "video" }[shortcut(event)] : undefined;
  if (!kind) return;
  event.preventDefault();
  flip(kind);
});

function refuse(id, text) {
  const field = byId(id);
  const error = byId(`${id}-error`);
  error.textContent = text;
  error.hidden = !text;
  field.setAttribute("aria-invalid", String(Boolean(text)));
  return text ? field : undefined;
}

/** What a guest filled in; null when something is missing, which is then said beside it. */
export function guest() {
  if (!configuration.isGuest) return undefined;
  const name = byId("guest-name").value.trim();
  const consent = byId("guest-consent").checked;
  const wrong = [refuse("guest-name", name ? "" : words.nameMissing), refuse("guest-consent", consent ? "" : words.consentMissing)];
  const first = wrong.find(Boolean);
  first?.focus();
  return first ? null : { displayName: name, consent };
}
