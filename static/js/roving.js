// Days as one tab stop, whatever their number. Only days with times are links, and only they are walked.
//   <day-row>    left/right walk, Home/End go to the ends, PageUp/PageDown to the strips before and after,
//                Down into the times below.
//   <date-grid>  around a month: left/right walk, up/down keep the weekday, Home/End stay in the week,
//                PageUp/PageDown leaf by months.
// A step beyond the ends follows the arrow beside it; data-then tells the picker where the focus goes afterwards.
class Roving extends HTMLElement {
  connectedCallback() {
    this.stay(this.links.find((link) => link.hasAttribute("aria-current")) ?? this.links[0]);
    if (this.bound) return;
    this.bound = true;
    this.addEventListener("focusin", (event) => this.stay(event.target.closest("a.day, a.date")));
    this.addEventListener("keydown", (event) => this.key(event));
  }

  get links() { return [...this.querySelectorAll("a.day, a.date")]; }

  get steps() { return [...(this.closest(".week") ?? this).querySelectorAll(".step")]; }

  stay(link) {
    if (link) for (const each of this.links) each.tabIndex = each === link ? 0 : -1;
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !event.target.matches("a.day, a.date")) return;
    const rightwards = this.matches(":dir(rtl)") ? -1 : 1;
    const move = { ArrowRight: rightwards, ArrowLeft: -rightwards }[event.key];
    const done = move ? this.walk(event.target, move) : this.jump(event.target, event.key);
    if (done) event.preventDefault();
  }

  walk(link, step) {
    const { links } = this;
    const next = links[links.indexOf(link) + step];
    return next ? this.go(next) : this.leaf(step, `${this.localName} ${step > 0 ? "first" : "last"}`);
  }

  leaf(step, then) {
    const arrow = this.steps.at(step > 0 ? -1 : 0);
    if (!arrow?.href) return true;
    arrow.dataset.then = then;
    arrow.click();
    return true;
  }

  go(link) {
    link?.focus();
    return Boolean(link);
  }
}

class DayRow extends Roving {
  connectedCallback() {
    super.connectedCallback();
    this.setAttribute("role", "toolbar");
    this.setAttribute("aria-label", "Days");
  }

  jump(_link, key) {
    if (key === "Home") return this.go(this.links[0]);
    if (key === "End") return this.go(this.links.at(-1));
    if (key === "PageDown") return this.leaf(1, `${this.localName} first`);
    if (key === "PageUp") return this.leaf(-1, `${this.localName} first`);
    if (key !== "ArrowDown") return false;
    const grid = this.closest("slot-picker")?.querySelector("slot-grid");
    return this.go(grid?.querySelector("input:checked") ?? grid?.querySelector("input"));
  }
}

class DateGrid extends Roving {
  connectedCallback() {
    super.connectedCallback();
    this.querySelector("table")?.setAttribute("role", "grid");
  }

  jump(link, key) {
    if (key === "Home") return this.go(this.week(link)[0]);
    if (key === "End") return this.go(this.week(link).at(-1));
    if (key === "ArrowDown") return this.go(this.column(link, 1)) || this.leaf(1, `${this.localName} first`);
    if (key === "ArrowUp") return this.go(this.column(link, -1)) || this.leaf(-1, `${this.localName} last`);
    if (key === "PageDown") return this.leaf(1, `${this.localName} first`);
    return key === "PageUp" && this.leaf(-1, `${this.localName} first`);
  }

  week(link) { return [...link.closest("tr").querySelectorAll("a.date")]; }

  // The nearest free day of that weekday, however many weeks away in this month.
  column(link, step) {
    const cell = link.closest("td");
    const rows = [...this.querySelectorAll("tbody tr")];
    const way = step > 0 ? rows.slice(rows.indexOf(cell.parentElement) + 1) : rows.slice(0, rows.indexOf(cell.parentElement)).reverse();
    return way.map((row) => row.cells[cell.cellIndex]?.querySelector("a.date")).find(Boolean);
  }
}
customElements.define("day-row", DayRow);
customElements.define("date-grid", DateGrid);
