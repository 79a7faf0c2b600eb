// Stands in for the library of the rooms where a test needs people in one: it has no media server behind it, and lets a
// test say who comes, speaks, shows a screen and goes. `window.theRoom` is the room; pictures are drawn on a canvas.

(() => {
  const events = ["ParticipantConnected", "ParticipantDisconnected", "TrackSubscribed", "TrackUnsubscribed", "TrackMuted", "TrackUnmuted", "LocalTrackPublished", "LocalTrackUnpublished", "ParticipantNameChanged", "ParticipantPermissionsChanged", "ActiveSpeakersChanged", "RecordingStatusChanged", "SignalReconnecting", "Reconnecting", "Reconnected", "AudioPlaybackStatusChanged", "Disconnected"];
  const RoomEvent = Object.fromEntries(events.map((name) => [name, name]));
  const Track = { Source: { Camera: "camera", Microphone: "microphone", ScreenShare: "screen_share" }, Kind: { Audio: "audio", Video: "video" } };
  const DisconnectReason = { CLIENT_INITIATED: 1, DUPLICATE_IDENTITY: 2, SERVER_SHUTDOWN: 3, PARTICIPANT_REMOVED: 4, ROOM_DELETED: 5, ROOM_CLOSED: 10 };

  class Picture {
    kind = "video";
    elements = [];
    constructor(hue) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [640, 360];
      const pen = canvas.getContext("2d");
      const fill = pen.createLinearGradient(0, 0, 640, 360);
      fill.addColorStop(0, `hsl(${hue} 35% 34%)`);
      fill.addColorStop(1, `hsl(${hue + 40} 40% 18%)`);
      pen.fillStyle = fill;
      pen.fillRect(0, 0, 640, 360);
      this.stream = canvas.captureStream(1);
    }
    attach() {
      const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true, playsInline: true, srcObject: this.stream });
      this.elements.push(video);
      return video;
    }
    detach() {
      return this.elements.splice(0);
    }
  }

  class Person {
    publications = new Map();
    permissions = { canPublishSources: [] };
    constructor(identity, name, isLocal = false) {
      Object.assign(this, { identity, name, isLocal, sid: `PA_${identity}` });
    }
    getTrackPublication(source) {
      return this.publications.get(source);
    }
    has = (source) => Boolean(this.publications.get(source));
    get isMicrophoneEnabled() {
      return this.has("microphone");
    }
    get isCameraEnabled() {
      return this.has("camera");
    }
    get isScreenShareEnabled() {
      return this.has("screen_share");
    }
    show(source, on, hue = 190) {
      if (on) this.publications.set(source, { isMuted: false, track: source === "microphone" ? undefined : new Picture(hue) });
      else this.publications.delete(source);
      window.theRoom.tell(this.isLocal ? "LocalTrackPublished" : "TrackMuted", this.publications.get(source), this);
    }
    async setMicrophoneEnabled(on) {
      this.show("microphone", on);
    }
    async setCameraEnabled(on) {
      this.show("camera", on);
    }
    async setScreenShareEnabled(on) {
      this.show("screen_share", on, 220);
    }
  }

  class Room {
    remoteParticipants = new Map();
    localParticipant = new Person("me", "Ada Lovelace", true);
    listeners = {};
    isRecording = false;
    canPlaybackAudio = true;
    constructor() {
      window.theRoom = this;
    }
    on(name, listener) {
      (this.listeners[name] ??= []).push(listener);
      return this;
    }
    tell(name, ...facts) {
      for (const listener of this.listeners[name] ?? []) listener(...facts);
    }
    async connect(url, token) {
      this.asked = { url, token };
      if (window.connectFails) throw new Error("no");
    }
    async disconnect() {
      this.end(DisconnectReason.CLIENT_INITIATED);
    }
    async switchActiveDevice(kind, id) {
      this.switched = { kind, id };
    }
    async startAudio() {
      this.canPlaybackAudio = true;
      this.tell("AudioPlaybackStatusChanged");
    }
    end(reason) {
      this.tell("Disconnected", reason);
    }
    record(on) {
      this.isRecording = on;
      this.tell("RecordingStatusChanged", on);
    }
    come(name, { camera = true, microphone = true, hue = 30 } = {}) {
      const person = new Person(name.toLowerCase().replaceAll(" ", "-"), name);
      this.remoteParticipants.set(person.identity, person);
      this.tell("ParticipantConnected", person);
      if (camera) person.show("camera", true, hue);
      if (microphone) person.show("microphone", true);
      return person;
    }
    fillUpTo(count) {
      const others = this.remoteParticipants;
      while (others.size < count - 1) this.come(`Guest ${others.size}`, { hue: 40 * others.size });
    }
    go(person) {
      this.remoteParticipants.delete(person.identity);
      this.tell("ParticipantDisconnected", person);
    }
  }

  window.LivekitClient = { Room, RoomEvent, Track, DisconnectReason };
})();
