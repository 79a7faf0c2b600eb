// A field for something that is not shown: look at it, or paste into it. Hidden again before it is sent.

function tool(button, act) {
  button.hidden = false;
  button.addEventListener("click", act);
}

function enhance(box) {
  const input = box.querySelector("input");
  const reveal = box.querySelector("[data-secret-show]");
  const paste = box.querySelector("[data-secret-paste]");
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    reveal.setAttribute("aria-pressed", String(shown));
    for (const icon of reveal.querySelectorAll("[data-when]")) {
      icon.toggleAttribute("hidden", (icon.dataset.when === "shown") !== shown);
    }
  };
  tool(reveal, () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  if (paste && navigator.clipboard?.readText) {
    tool(paste, async () => {
      try {
        input.value = (await navigator.clipboard.readText()).trim();
        input.dispatchEvent(new Event("input", { bubbles: true }));
      } catch {
        // The person said no to the browser's question: the field waits for the keyboard.
      }
      input.focus();
    });
  }
  box.dataset.tools = box.querySelectorAll("button:not([hidden])").length;
}

const enhanceAll = (root) => root.querySelectorAll("[data-secret]").forEach(enhance);
enhanceAll(document);
document.addEventListener("koppel:filled", (event) => enhanceAll(event.target));
