// LiveKit's own program. It is large: the browser fetches it while nobody waits, and runs it when somebody joins.

import { byId } from "./dom.js";

let loading;

/** LiveKit's classes. Rejects where the file cannot be had; the next try asks for it again. */
export function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = byId("call-stage").dataset.library;
    script.onload = () => resolve(window.LivekitClient);
    script.onerror = () => {
      loading = undefined;
      script.remove();
      reject(new Error("LiveKit's program was not loaded"));
    };
    document.head.append(script);
  });
  return loading;
}
