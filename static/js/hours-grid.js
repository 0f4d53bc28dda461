// <hours-grid data-paint="#paint"> around the picture of a week (an <svg> of 7 × 1440): dragging over it marks half
// hours of one day or several; letting go fills the hidden fields and presses the button that opens or closes them.
const STEP = 30;
const MINUTES = 1440;
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

class HoursGrid extends HTMLElement {
  connectedCallback() {
    this.picture = this.querySelector("svg");
    this.stroke = this.querySelector("[data-stroke]");
    this.picture.addEventListener("pointerdown", (event) => this.begin(event));
    this.picture.addEventListener("pointermove", (event) => this.draw(event));
    this.picture.addEventListener("pointerup", () => this.finish());
    this.picture.addEventListener("pointercancel", () => this.drop());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.drop());
  }

  place(event) {
    const box = this.picture.getBoundingClientRect();
    const within = (share, most) => Math.min(Math.max(Math.floor(share * most), 0), most - 1);
    const day = within((event.clientX - box.left) / box.width, DAYS.length);
    return { day, step: within((event.clientY - box.top) / box.height, MINUTES / STEP) };
  }

  begin(event) {
    if (event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    this.picture.setPointerCapture(event.pointerId);
    this.from = this.place(event);
    this.opens = !this.isOpen(this.from);
    this.draw(event);
  }

  isOpen({ day, step }) {
    const middle = (step + 0.5) * STEP;
    const bars = this.picture.querySelectorAll(`[data-day="${DAYS[day]}"] rect`);
    return [...bars].some(({ y, height }) => y.baseVal.value <= middle && middle < y.baseVal.value + height.baseVal.value);
  }

  draw(event) {
    if (!this.from) return;
    const to = this.place(event);
    this.days = [Math.min(this.from.day, to.day), Math.max(this.from.day, to.day)];
    this.steps = [Math.min(this.from.step, to.step), Math.max(this.from.step, to.step) + 1];
    const [first, last] = this.days;
    const [start, end] = this.steps;
    for (const [name, value] of Object.entries({ x: first, width: last - first + 1, y: start * STEP, height: (end - start) * STEP })) {
      this.stroke.setAttribute(name, value);
    }
    this.stroke.classList.toggle("closing", !this.opens);
  }

  finish() {
    if (!this.from) return;
    const paint = this.querySelector(this.dataset.paint);
    const fill = (name, value) => { paint.querySelector(`[name="${name}"]`).value = value; };
    fill("paint_days", DAYS.slice(this.days[0], this.days[1] + 1).join(","));
    fill("paint_from", this.steps[0] * STEP);
    fill("paint_to", this.steps[1] * STEP);
    this.from = null;
    paint.querySelector(`[value="${this.opens ? "open" : "close"}"]`).click();
  }

  drop() {
    this.from = null;
    for (const name of ["width", "height"]) this.stroke.setAttribute(name, 0);
  }
}
customElements.define("hours-grid", HoursGrid);
