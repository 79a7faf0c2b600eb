// A choice among many, looked for by typing (the ARIA pattern "combobox with a list"). The options come from an address that
// the person may ask. Without this the text field is sent as it is, and the server finds whom it means.

const WAIT = 180;
let count = 0;

class Combobox {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input");
    this.hidden = document.createElement("input");
    this.hidden.type = "hidden";
    this.hidden.name = this.input.name;
    this.hidden.value = box.dataset.value || this.input.value;
    this.input.removeAttribute("name");
    this.chosen = this.input.value;
    this.list = document.createElement("ul");
    this.list.id = `combobox-${(count += 1)}`;
    this.list.className = "combobox-list";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.input.labels[0]?.textContent.trim() ?? "");
    this.list.hidden = true;
    this.note = document.createElement("p");
    this.note.className = "visually-hidden";
    this.note.setAttribute("role", "status");
    const facts = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(facts)) this.input.setAttribute(name, value);
    box.append(this.hidden, this.list, this.note);
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("click", () => this.list.hidden && this.look());
    this.input.addEventListener("blur", () => this.leave());
    // What is pressed in the list keeps the focus in the field.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  get active() {
    return this.list.querySelector("[aria-selected=true]");
  }

  look() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    this.request?.abort();
    this.request = new AbortController();
    const words = this.input.value === this.chosen ? "" : this.input.value.trim();
    const address = new URL(this.box.dataset.options, location.href);
    address.searchParams.set("search", words);
    try {
      const answer = await fetch(address, { signal: this.request.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.show({ options: [], more: false }, this.box.dataset.failed);
    }
  }

  show({ options, more }, trouble = "") {
    if (document.activeElement !== this.input) return;
    const lines = options.map((option, place) => this.line(option, place));
    const note = trouble || (more ? this.box.dataset.more : options.length ? "" : this.box.dataset.empty);
    if (note) {
      const line = document.createElement("li");
      line.className = "combobox-note";
      line.setAttribute("role", "presentation");
      line.textContent = note;
      lines.push(line);
    }
    this.list.replaceChildren(...lines);
    this.note.textContent = note;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(null);
  }

  line({ value, label, hint }, place) {
    const line = document.createElement("li");
    line.id = `${this.list.id}-${place}`;
    line.className = "combobox-option";
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    line.dataset.value = value;
    line.dataset.label = label;
    line.append(label);
    if (hint) {
      const small = document.createElement("small");
      small.textContent = hint;
      line.append(small);
    }
    return line;
  }

  mark(option) {
    for (const line of this.options) line.setAttribute("aria-selected", String(line === option));
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.look();
      else this.step(step);
    } else if (event.key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      this.take(this.active ?? this.options[0]);
    } else if (event.key === "Escape") {
      if (!this.list.hidden) event.preventDefault();
      this.input.value = this.chosen;
      this.close();
    }
  }

  step(step) {
    const lines = this.options;
    if (!lines.length) return;
    const at = lines.indexOf(this.active);
    const first = step > 0 ? 0 : lines.length - 1;
    this.mark(lines[at < 0 ? first : (at + step + lines.length) % lines.length]);
  }

  take(option) {
    if (option) this.choose(option.dataset.value, option.dataset.label);
  }

  choose(value, label) {
    this.chosen = label;
    this.input.value = label;
    this.close();
    if (this.hidden.value === value) return;
    this.hidden.value = value;
    this.hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // What was emptied chooses nothing; what was typed and not taken is not chosen.
  leave() {
    this.close();
    if (this.input.value.trim() === "") this.choose("", "");
    else this.input.value = this.chosen;
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

const begin = (root) => {
  for (const box of root.querySelectorAll?.("[data-combobox]:not([data-ready])") ?? []) {
    box.dataset.ready = "";
    new Combobox(box);
  }
};

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target));
