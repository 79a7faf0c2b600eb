// Cameras, microphones, speakers: asked for one by one, so that a missing camera does not cost the microphone.

const WANTED = { video: { width: { ideal: 1280 }, height: { ideal: 720 } }, audio: { echoCancellation: true, noiseSuppression: true } };
// Remembered in this browser alone.
const CHOSEN = "koppel-devices";

export const canUseDevices = () => window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
export const canMakeCalls = () => "RTCPeerConnection" in window;
export const canChooseSpeaker = () => "setSinkId" in HTMLMediaElement.prototype;

function stored() {
  try {
    return JSON.parse(localStorage.getItem(CHOSEN)) ?? {};
  } catch {
    return {};
  }
}

export const chosen = stored();

export function choose(kind, id) {
  chosen[kind] = id;
  try {
    localStorage.setItem(CHOSEN, JSON.stringify(chosen));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

function why(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "missing";
  return "busy";
}

async function ask(kind) {
  const device = chosen[kind === "video" ? "videoinput" : "audioinput"];
  const wanted = { ...WANTED[kind], ...(device ? { deviceId: { ideal: device } } : {}) };
  return (await navigator.mediaDevices.getUserMedia({ [kind]: wanted })).getTracks()[0];
}

/** {audio, video}: each a track or undefined, and why where there is none. */
export async function open(kinds = ["audio", "video"]) {
  const found = { problems: {} };
  if (kinds.length === 2) {
    // Together first: the browser then asks the person once.
    try {
      const both = await navigator.mediaDevices.getUserMedia({
        video: { ...WANTED.video, ...(chosen.videoinput ? { deviceId: { ideal: chosen.videoinput } } : {}) },
        audio: { ...WANTED.audio, ...(chosen.audioinput ? { deviceId: { ideal: chosen.audioinput } } : {}) },
      });
      return { audio: both.getAudioTracks()[0], video: both.getVideoTracks()[0], problems: {} };
    } catch (error) {
      if (error.name === "NotAllowedError") return { problems: { audio: "denied", video: "denied" } };
    }
  }
  for (const kind of kinds) {
    try {
      found[kind] = await ask(kind);
    } catch (error) {
      found.problems[kind] = why(error);
    }
  }
  return found;
}

/** What there is to choose from, by kind; names are only told after the person has allowed the use. */
export async function list() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const usable = all.filter((device) => device.label && (device.kind !== "audiooutput" || canChooseSpeaker()));
  return Object.groupBy ? Object.groupBy(usable, (device) => device.kind) : grouped(usable);
}

function grouped(devices) {
  const groups = {};
  for (const device of devices) (groups[device.kind] ??= []).push(device);
  return groups;
}

/** Fills the pickers of this part of the page; one without a choice is left out. */
export async function fill(root, now = {}) {
  const groups = await list();
  for (const select of root.querySelectorAll("select[data-kind]")) {
    const devices = groups[select.dataset.kind] ?? [];
    select.replaceChildren(...devices.map((device) => new Option(device.label, device.deviceId)));
    const used = now[select.dataset.kind] ?? chosen[select.dataset.kind];
    if (devices.some((device) => device.deviceId === used)) select.value = used;
    select.closest(".field").hidden = devices.length === 0;
  }
  root.hidden = ![...root.querySelectorAll(".field")].some((field) => !field.hidden);
}
