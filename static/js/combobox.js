// A choice among many, looked for by typing (the ARIA pattern "combobox with a list"). The options come from an address that
// the person may ask, or from a long select of the page. Without this the text field is sent as it is, and the server finds
// whom it means; a select stays one.

const WAIT = 180;
// So many are shown at once; a select of no more stays as it is.
const SHOWN = 20;
let count = 0;

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

class Combobox {
  constructor(box) {
    this.box = box;
    const select = box.querySelector("select");
    if (select) this.stand(select);
    else this.send(box.querySelector("input"));
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
    box.append(this.list, this.note);
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("click", () => this.list.hidden && this.look());
    this.input.addEventListener("blur", () => this.leave());
    // What is pressed in the list keeps the focus in the field.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  // In place of a select, which goes on holding the value.
  stand(select) {
    this.hidden = select;
    this.input = document.createElement("input");
    this.input.type = "text";
    this.input.autocomplete = "off";
    this.input.spellcheck = false;
    this.input.value = select.selectedOptions[0]?.label ?? "";
    for (const name of ["id", "aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
      select.removeAttribute(name);
    }
    this.needed = select.required || ![...select.options].some((option) => option.value === "");
    select.hidden = true;
    select.before(this.input);
  }

  // The field shows the words, and a hidden one beside it is sent with the value.
  send(input) {
    this.input = input;
    this.hidden = document.createElement("input");
    this.hidden.type = "hidden";
    this.hidden.name = input.name;
    this.hidden.value = this.box.dataset.value || input.value;
    input.removeAttribute("name");
    this.box.append(this.hidden);
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
    const words = this.input.value === this.chosen ? "" : this.input.value.trim();
    if (!this.box.dataset.options) {
      this.show(this.among(words));
      return;
    }
    this.request?.abort();
    this.request = new AbortController();
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

  among(words) {
    const found = [...this.hidden.options].filter((option) => plain(option.label).includes(plain(words)));
    const options = found.slice(0, SHOWN).map(({ value, label }) => ({ value, label }));
    return { options, more: found.length > SHOWN };
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
    if (this.input.value.trim() === "" && !this.needed) this.choose("", "");
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
    if (box.querySelector("select")?.options.length <= SHOWN) continue;
    box.dataset.ready = "";
    new Combobox(box);
  }
};

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target));
document.addEventListener("koppel:filled", (event) => begin(event.target));
