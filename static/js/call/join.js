// Asks Koppel to be let in, only when the person pressed Join. What comes back is good for a few minutes, and not kept.

import { configuration, words } from "./dom.js";

const DEVICE = "koppel-device";

/** This browser's own name: who comes back on the same device takes the place of their earlier self. */
function device() {
  const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const known = localStorage.getItem(DEVICE) ?? fresh();
    localStorage.setItem(DEVICE, known);
    return known;
  } catch {
    return fresh();
  }
}

export class Refused extends Error {}

/** {livekitUrl, token}; Refused with words for the person. */
export async function letIn(guest) {
  const body = { deviceId: device(), ...(guest ?? {}) };
  const headers = { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "" };
  let answer;
  try {
    answer = await fetch(configuration.join, { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw new Refused(words.offline);
  }
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  throw new Refused(reason(answer.status, said));
}

function reason(status, said) {
  if (status === 409) return said.message || words.notOpen;
  if (status === 404) return configuration.isGuest ? words.goneGuest : words.gone;
  if (status === 401 || status === 403) return status === 403 && said.error === "looks_on" ? said.message : words.signedOut;
  if (status === 429) return words.tooMany;
  return status === 503 ? words.unavailable : words.failed;
}
