// A <select>, or an <input list>, with a search in its options, after the ARIA combobox pattern (list, manual selection).
// Down/Up walk, PageDown/PageUp by eight, Alt+Down opens, Enter takes, Escape closes then empties, Home/End move the
// caret as in any field. Marks, accents and the true minus of an offset do not matter: "sao paulo", "utc-3".
const SHOWN = 60;
const PAGE = 8;

const plain = (text) => text.toLocaleLowerCase().replaceAll("\u2212", "-").normalize("NFD").replace(/[\u0300-\u036f]|[_/(),]/g, (mark) => (mark.codePointAt(0) < 0x300 ? " " : ""));

function presentTime(zone) {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(new Date());
  } catch {
    return "";
  }
}

class ComboBox extends HTMLElement {
  connectedCallback() {
    this.source = this.querySelector("select") ?? this.querySelector("input[list], input[data-built]");
    if (!this.source || this.input) return;
    this.forget();
    this.options = this.read();
    if (this.options.length === 0) return;
    this.build();
    this.listen();
  }

  // A page that comes back from the history brings along what was built before: it is built anew.
  forget() {
    const built = this.querySelector("[data-built]");
    if (!built) return;
    for (const each of this.querySelectorAll(".combo-list, [aria-live]")) each.remove();
    if (built === this.source) return;
    Object.assign(this.source, { id: built.id, required: built.required, hidden: false });
    built.remove();
  }

  read() {
    const holder = this.source instanceof HTMLSelectElement ? this.source : (this.source.list ?? document.getElementById(this.source.dataset.list));
    return [...(holder?.options ?? [])]
      .filter((option) => option.value)
      .map((option) => ({ value: option.value, text: option.label || option.value, words: plain(`${option.label} ${option.value} ${option.dataset.words ?? ""}`) }));
  }

  build() {
    const id = this.source.id || `combo-${crypto.randomUUID()}`;
    this.input = this.source instanceof HTMLSelectElement ? this.inputBesideSelect(id) : this.source;
    this.input.dataset.built = "yes";
    if (this.input.hasAttribute("list")) this.input.dataset.list = this.input.getAttribute("list");
    this.input.removeAttribute("list");
    this.list = document.createElement("div");
    Object.assign(this.list, { id: `${id}-list`, className: "combo-list", hidden: true });
    this.list.setAttribute("role", "listbox");
    const label = document.querySelector(`label[for="${CSS.escape(id)}"]`)?.textContent.trim();
    this.list.setAttribute("aria-label", label ?? "Options");
    for (const [name, value] of Object.entries({
      role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
    })) this.input.setAttribute(name, value);
    this.count = document.createElement("span");
    this.count.className = "visually-hidden";
    this.count.setAttribute("aria-live", "polite");
    this.append(this.list, this.count);
  }

  inputBesideSelect(id) {
    const input = document.createElement("input");
    Object.assign(input, { type: "text", className: "input", id, required: this.source.required, disabled: this.source.disabled });
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (this.source.hasAttribute(name)) input.setAttribute(name, this.source.getAttribute(name));
    }
    input.value = this.source.selectedOptions[0]?.value ? this.source.selectedOptions[0].label : "";
    this.source.removeAttribute("id");
    this.source.required = false;
    this.source.hidden = true;
    this.prepend(input);
    return input;
  }

  listen() {
    this.input.addEventListener("input", () => this.open(this.input.value));
    this.input.addEventListener("click", () => this.open(""));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.leave());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest('[role="option"]');
      if (row) this.take(row.dataset.value);
    });
  }

  get rows() { return [...this.list.querySelectorAll('[role="option"]')]; }
  get active() { return this.list.querySelector(".active"); }

  open(search) {
    const words = plain(search).split(/\s+/).filter(Boolean);
    const found = this.options.filter((option) => words.every((word) => option.words.includes(word)));
    this.list.replaceChildren(...(found.length ? found.slice(0, SHOWN).map((option) => this.row(option)) : [this.none()]));
    this.count.textContent = `${found.length} found`;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(words.length ? this.rows[0] : this.list.querySelector('[aria-selected="true"]'));
  }

  row(option) {
    const row = document.createElement("div");
    row.setAttribute("role", "option");
    row.id = `${this.list.id}-${this.options.indexOf(option)}`;
    row.dataset.value = option.value;
    row.setAttribute("aria-selected", String(option.value === this.source.value));
    row.append(Object.assign(document.createElement("span"), { textContent: option.text }));
    if (this.hasAttribute("data-now")) row.append(Object.assign(document.createElement("small"), { textContent: presentTime(option.value) }));
    return row;
  }

  none() {
    const row = Object.assign(document.createElement("p"), { className: "none", textContent: "Nothing of that name." });
    row.setAttribute("role", "presentation");
    return row;
  }

  mark(row) {
    this.active?.classList.remove("active");
    row?.classList.add("active");
    row?.scrollIntoView({ block: "nearest" });
    if (row) this.input.setAttribute("aria-activedescendant", row.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) return this.open("");
      return this.walk(step);
    }
    if (event.key === "Enter" && !this.list.hidden && this.active) {
      event.preventDefault();
      return this.take(this.active.dataset.value);
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      if (this.list.hidden) this.input.value = "";
      else this.close();
    }
  }

  // One at a time goes round at the ends; a page stops there.
  walk(step) {
    const rows = this.rows;
    const next = rows.indexOf(this.active) + step;
    const last = rows.length - 1;
    return this.mark(rows[Math.abs(step) === 1 ? (next + rows.length) % rows.length : Math.min(Math.max(next, 0), last)]);
  }

  take(value) {
    const option = this.options.find((each) => each.value === value);
    this.source.value = value;
    if (this.input !== this.source) this.input.value = option.text;
    this.close();
    this.source.dispatchEvent(new Event("change", { bubbles: true }));
  }

  leave() {
    this.close();
    if (this.input === this.source) return;
    const chosen = this.options.find((each) => each.value === this.source.value);
    const typed = this.options.find((each) => each.text === this.input.value);
    if (typed && typed !== chosen) this.take(typed.value);
    else this.input.value = chosen?.text ?? "";
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
customElements.define("combo-box", ComboBox);
