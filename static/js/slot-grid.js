// Radios already give one tab stop and left/right; this adds up/down by rows as they stand on the screen,
// and tells the submit button of the form what it will do: data-names="Hold {slot} for 10 minutes".
class SlotGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("change", () => this.tell());
    this.tell();
  }

  get radios() { return [...this.querySelectorAll('input[type="radio"]:not(:disabled)')]; }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches('input[type="radio"]')) return;
    const next = this.below(event.target, step);
    event.preventDefault();
    if (!next) return;
    next.checked = true;
    next.focus();
    next.dispatchEvent(new Event("change", { bubbles: true }));
  }

  below(radio, step) {
    const here = radio.getBoundingClientRect();
    const apart = (other) => Math.abs(other.left - here.left);
    const rows = this.radios
      .map((each) => ({ each, box: each.getBoundingClientRect() }))
      .filter(({ box }) => (box.top - here.top) * step > here.height / 2);
    if (rows.length === 0) return null;
    const nearest = Math.min(...rows.map(({ box }) => Math.abs(box.top - here.top)));
    const row = rows.filter(({ box }) => Math.abs(box.top - here.top) < nearest + here.height / 2);
    return row.reduce((best, some) => (apart(some.box) < apart(best.box) ? some : best)).each;
  }

  tell() {
    const button = this.closest("form")?.querySelector("[data-names]");
    if (!button) return;
    const chosen = this.radios.find((radio) => radio.checked);
    const words = button.querySelector("[data-words]") ?? button;
    button.dataset.before ??= words.textContent;
    words.textContent = chosen ? button.dataset.names.replace("{slot}", chosen.dataset.short) : button.dataset.before;
  }
}
customElements.define("slot-grid", SlotGrid);
