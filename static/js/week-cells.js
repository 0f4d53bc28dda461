// <week-cells data-popover="id"> around a calendar whose half hours are links: one tab stop, arrows walk from half
// hour to half hour and from day to day, Home and End within the day. The answer that htmx brings opens beside its cell.
const GAP = 8;

class WeekCells extends HTMLElement {
  connectedCallback() {
    this.panel = document.getElementById(this.dataset.popover);
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("focusin", (event) => this.stop(event.target));
    this.addEventListener("click", (event) => { this.asked = event.target.closest(".week-cells a") ?? this.asked; });
    this.panel.addEventListener("htmx:afterSwap", () => this.show());
  }

  get days() { return [...this.querySelectorAll(".week-cells")].map((day) => [...day.querySelectorAll("a")]); }

  key(event) {
    const days = this.days;
    const day = days.findIndex((cells) => cells.includes(event.target));
    if (day < 0) return;
    const cells = days[day];
    const at = cells.indexOf(event.target);
    const beside = (other) => other && this.level(other, event.target);
    const next = {
      ArrowDown: () => cells[at + 1], ArrowUp: () => cells[at - 1],
      ArrowRight: () => beside(days[day + 1]), ArrowLeft: () => beside(days[day - 1]),
      Home: () => cells[0], End: () => cells.at(-1),
    }[event.key];
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    next()?.focus();
  }

  // On a day on which clocks change a half hour may be missing: the nearest one stands for it.
  level(cells, cell) {
    const top = cell.getBoundingClientRect().top;
    const apart = (other) => Math.abs(other.getBoundingClientRect().top - top);
    return cells.reduce((best, some) => (apart(some) < apart(best) ? some : best));
  }

  stop(cell) {
    if (!cell.matches(".week-cells a")) return;
    for (const other of this.querySelectorAll('.week-cells a[tabindex="0"]')) other.tabIndex = -1;
    cell.tabIndex = 0;
  }

  show() {
    this.panel.showPopover();
    const { width, height } = this.panel.getBoundingClientRect();
    const cell = (this.asked ?? this).getBoundingClientRect();
    const right = cell.right + GAP + width <= window.innerWidth;
    const left = right ? cell.right + GAP : Math.max(cell.left - GAP - width, GAP);
    this.panel.style.left = `${left}px`;
    this.panel.style.top = `${Math.max(Math.min(cell.top, window.innerHeight - height - GAP), GAP)}px`;
    this.panel.querySelector("[data-focus]")?.focus();
  }
}
customElements.define("week-cells", WeekCells);
