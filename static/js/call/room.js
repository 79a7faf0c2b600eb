// One visit to a room: who is in it, what they show, how the connection is. The library does the media; this draws it.

import * as controls from "./controls.js";
import { chosen } from "./devices.js";
import { byId, filled, say, words } from "./dom.js";
import { library } from "./library.js";
import * as tiles from "./tiles.js";

// Known once the library is there, which is before any room is.
let Room, RoomEvent, Track, DisconnectReason;
const SOUNDS = byId("sounds");

export class Unreachable extends Error {}

/** Connects, and shows the room as it goes on; `over` is told why it ended. Unreachable when no connection came about. */
export async function enter({ livekitUrl, token }, wanted, over) {
  try {
    ({ Room, RoomEvent, Track, DisconnectReason } = await library());
  } catch (error) {
    throw new Unreachable(error.message);
  }
  const room = new Room({
    adaptiveStream: true,
    dynacast: true,
    videoCaptureDefaults: { deviceId: chosen.videoinput },
    audioCaptureDefaults: { deviceId: chosen.audioinput },
  });
  // Until somebody was in, an end is a failure to come in.
  let entered = false;
  listen(room, (reason) => {
    tiles.clear();
    SOUNDS.replaceChildren();
    if (entered) over(meaning(reason));
  });
  try {
    await room.connect(livekitUrl, token);
  } catch (error) {
    throw new Unreachable(error.message);
  }
  entered = true;
  controls.use(room);
  everybody(room);
  recording(room, room.isRecording, false);
  await publish(room, wanted);
  if (chosen.audiooutput) await room.switchActiveDevice("audiooutput", chosen.audiooutput).catch(() => {});
  return room;
}

async function publish(room, wanted) {
  const me = room.localParticipant;
  // One that fails does not cost the other; the bar shows what is on.
  await Promise.allSettled([wanted.audio && me.setMicrophoneEnabled(true), wanted.video && me.setCameraEnabled(true)]);
  controls.draw();
}

function meaning(reason) {
  if (reason === DisconnectReason.CLIENT_INITIATED) return "left";
  if (reason === DisconnectReason.DUPLICATE_IDENTITY) return "replaced";
  const ended = [DisconnectReason.ROOM_DELETED, DisconnectReason.ROOM_CLOSED, DisconnectReason.PARTICIPANT_REMOVED];
  return ended.includes(reason) ? "ended" : "lost";
}

function picture(person, source) {
  const publication = person.getTrackPublication(source);
  return publication?.track && !publication.isMuted ? publication.track : undefined;
}

function draw(room, person) {
  tiles.draw(person, { camera: picture(person, Track.Source.Camera), muted: !person.isMicrophoneEnabled });
  tiles.showScreen(person, picture(person, Track.Source.ScreenShare));
  if (person.isLocal) controls.draw();
}

function everybody(room) {
  const people = [...room.remoteParticipants.values(), room.localParticipant];
  for (const person of people) draw(room, person);
  count(room);
}

function count(room) {
  const number = room.remoteParticipants.size + 1;
  byId("room-count").querySelector("[data-count]").textContent = String(number);
  byId("room-count").querySelector("[data-words]").textContent = filled(words.count, { count: number });
  byId("alone").textContent = words.alone;
  byId("alone").hidden = number > 1;
}

function recording(room, on, aloud = true) {
  byId("recording").hidden = !on;
  if (aloud) say(on ? words.recordingNow : words.recordingOver);
}

function sound(track) {
  SOUNDS.append(track.attach());
}

function listen(room, ended) {
  const redraw = (...facts) => {
    const person = facts.find((one) => one?.identity !== undefined && one.getTrackPublication) ?? room.localParticipant;
    draw(room, person);
  };
  const named = (person) => person.name || words.unnamed;
  room
    .on(RoomEvent.ParticipantConnected, (person) => {
      draw(room, person);
      count(room);
      say(filled(words.joined, { name: named(person) }));
    })
    .on(RoomEvent.ParticipantDisconnected, (person) => {
      tiles.remove(person);
      count(room);
      say(filled(words.left, { name: named(person) }));
    })
    .on(RoomEvent.TrackSubscribed, (track, _publication, person) => {
      if (track.kind === Track.Kind.Audio) sound(track);
      draw(room, person);
    })
    .on(RoomEvent.TrackUnsubscribed, (track, _publication, person) => {
      if (track.kind === Track.Kind.Audio) track.detach().forEach((element) => element.remove());
      draw(room, person);
    })
    .on(RoomEvent.TrackMuted, redraw)
    .on(RoomEvent.TrackUnmuted, redraw)
    .on(RoomEvent.LocalTrackPublished, redraw)
    .on(RoomEvent.LocalTrackUnpublished, redraw)
    .on(RoomEvent.ParticipantNameChanged, (_name, person) => draw(room, person))
    .on(RoomEvent.ParticipantPermissionsChanged, () => controls.draw())
    .on(RoomEvent.ActiveSpeakersChanged, tiles.speaking)
    .on(RoomEvent.RecordingStatusChanged, (on) => recording(room, on))
    .on(RoomEvent.SignalReconnecting, () => (byId("reconnecting").hidden = false))
    .on(RoomEvent.Reconnecting, () => (byId("reconnecting").hidden = false))
    .on(RoomEvent.Reconnected, () => {
      byId("reconnecting").hidden = true;
      say(words.reconnected);
      everybody(room);
    })
    .on(RoomEvent.AudioPlaybackStatusChanged, () => (byId("sound-blocked").hidden = room.canPlaybackAudio))
    .on(RoomEvent.Disconnected, (reason) => {
      for (const id of ["reconnecting", "sound-blocked", "recording"]) byId(id).hidden = true;
      byId("device-dialog").close();
      ended(reason);
    });
  byId("sound-on").onclick = () => room.startAudio();
}
