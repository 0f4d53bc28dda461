// Radios already give one tab stop and left/right; this adds up/down by rows as they stand on the screen,
// Home/End to the first and last time, PageUp/PageDown to the days before and after, and up from the first row
// to the days. It tells the submit button of the form what it will do (data-names="Hold {slot} for 10 minutes")
// and writes beside it what that means ([data-consequence]).
class SlotGrid extends HTMLElement {
  connectedCallback() {
    this.tell();
    if (this.bound) return;
    this.bound = true;
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("change", () => this.tell());
  }

  get radios() { return [...this.querySelectorAll('input[type="radio"]:not(:disabled)')]; }

  get days() { return this.closest("slot-picker")?.querySelector("day-row"); }

  key(event) {
    const radio = event.target;
    if (!radio.matches('input[type="radio"]') || event.altKey || event.ctrlKey || event.metaKey) return;
    const done = {
      ArrowDown: () => this.choose(this.below(radio, 1)) || true,
      ArrowUp: () => this.choose(this.below(radio, -1)) || this.days?.go(this.currentDay) || true,
      Home: () => this.choose(this.radios[0]),
      End: () => this.choose(this.radios.at(-1)),
      PageDown: () => this.leaf(1),
      PageUp: () => this.leaf(-1),
    }[event.key]?.();
    if (done) event.preventDefault();
  }

  choose(radio) {
    if (!radio) return false;
    const before = radio.checked;
    radio.checked = true;
    radio.focus();
    if (!before) radio.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  get currentDay() { return this.days?.links.find((link) => link.hasAttribute("aria-current")); }

  leaf(step) {
    const { days, currentDay } = this;
    if (!days) return false;
    const day = currentDay && days.links[days.links.indexOf(currentDay) + step];
    if (!day) return days.leaf(step, "time");
    day.dataset.then = "time";
    day.click();
    return true;
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
    const form = this.closest("form");
    const chosen = this.radios.find((radio) => radio.checked);
    const button = form?.querySelector("[data-names]");
    if (button) {
      const words = button.querySelector("[data-words]") ?? button;
      button.dataset.before ??= words.textContent;
      words.textContent = chosen ? button.dataset.names.replace("{slot}", chosen.dataset.short) : button.dataset.before;
    }
    const means = form?.querySelector("[data-consequence]");
    if (means && chosen?.dataset.means) means.textContent = chosen.dataset.means;
  }
}
customElements.define("slot-grid", SlotGrid);
