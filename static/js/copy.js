// Copies what stands beside the button, and says so where it was pressed.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const word = button.querySelector("[data-copy-word]");
  const before = word.textContent;
  if (button.hasAttribute("data-copied")) return;
  button.setAttribute("data-copied", "");
  word.textContent = button.dataset.copyDone;
  setTimeout(() => {
    word.textContent = before;
    button.removeAttribute("data-copied");
  }, 2000);
});

// Only a secure page may write to the clipboard; elsewhere the text can still be selected.
const enhance = (root) => root.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
if (navigator.clipboard) {
  enhance(document);
  document.addEventListener("htmx:load", (event) => enhance(event.target));
  document.addEventListener("koppel:filled", (event) => enhance(event.target));
}
