// What the call's scripts share: the page's configuration, its words, which part of it is shown, and what is read aloud.

export const configuration = JSON.parse(document.getElementById("call").textContent);
export const words = configuration.words;
export const byId = (id) => document.getElementById(id);

const STAGES = ["lobby", "connecting", "room", "unreachable", "left"];
const HEADINGS = { lobby: "lobby-title", connecting: "connecting-title", room: "room-title", unreachable: "unreachable-title", left: "left-title" };

/** One part of the page is shown at a time, and whoever listens or uses a keyboard stands at its heading. */
export function stage(name) {
  for (const each of STAGES) byId(each).hidden = each !== name;
  byId("call-stage").dataset.state = name;
  document.body.classList.toggle("in-room", name === "room");
  byId(HEADINGS[name]).focus();
}

export const current = () => byId("call-stage").dataset.state;

/** "{name} joined" with what is known put in. */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");

export function say(text) {
  byId("said").textContent = text;
}

/** A button that is on or off: its picture, its word, and its word for whoever does not see it. */
export function turn(button, on, word) {
  button.dataset.on = String(on);
  button.querySelector("[data-word]").textContent = word;
}

/** Alt and a letter. On keyboards where Alt makes another sign, the key itself is asked. */
export function shortcut(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return "";
  const letter = /^[a-z]$/i.test(event.key) ? event.key : event.code.replace(/^Key/, "");
  return letter.length === 1 ? letter.toLowerCase() : "";
}
