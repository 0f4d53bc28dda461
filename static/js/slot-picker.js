// <slot-picker>: htmx exchanges its times, or the whole of it; what a person was doing stays.
//   The focus goes back to the same day or time, or to what took its place; a month that was open stays open.
//   When its coach's times change (slots-changed, from live.js) it reads them anew, with the choice.
//   What changed is said aloud, and a slow or failed answer is shown.
import { show } from "./toast.js";

const FAILED = "These times did not load. Check your connection and try again.";
const says = document.createElement("p");
says.className = "visually-hidden";
says.setAttribute("role", "status");

// What was there before the exchange that is under way: the picker itself may be exchanged.
let was = null;

function say(words) {
  if (!says.isConnected) document.body.append(says);
  says.textContent = "";
  setTimeout(() => { says.textContent = words; }, 50);
}

function withStart(address, start) {
  const url = new URL(address, location.href);
  if (start) url.searchParams.set("start", start);
  return `${url.pathname}${url.search}`;
}

class SlotPicker extends HTMLElement {
  connectedCallback() {
    if (this.bound) return;
    this.bound = true;
    const on = (name, act) => this.addEventListener(name, act);
    on("change", (event) => { if (event.target.matches("slot-grid input")) this.keep(event.target.value); });
    on("submit", (event) => { this.leaving = event.target.matches("#picker-times form"); });
    on("slots-changed", () => this.reread());
    on("htmx:configRequest", (event) => this.configure(event.detail));
    on("htmx:beforeRequest", (event) => this.ask(event.detail.requestConfig.elt));
    on("htmx:beforeSwap", (event) => this.note(event.detail.requestConfig.elt));
    on("htmx:afterSettle", (event) => { if (["picker", "picker-times"].includes(event.target.id)) this.settle(); });
    on("htmx:afterRequest", () => this.rest());
    for (const trouble of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) on(trouble, () => this.fail());
    window.addEventListener("pageshow", () => { this.leaving = false; });
  }

  get part() { return this.querySelector("#picker-times"); }
  get chosen() { return this.querySelector("slot-grid input:checked")?.value; }
  get times() { return new Map([...this.querySelectorAll("slot-grid input")].map((each) => [each.value, each.dataset.short])); }

  // Another zone is another page: it has to know what was chosen on this one.
  keep(start) {
    const next = this.querySelector("#picker-next");
    if (next) next.value = withStart(next.value, start);
  }

  configure(request) {
    if (request.elt.matches("[data-keeps-start]") && this.chosen) request.parameters.start = this.chosen;
  }

  reread() {
    if (this.asker || this.leaving) {
      this.stale = true;
      return;
    }
    const here = withStart(this.part.dataset.here, this.chosen);
    window.htmx.ajax("GET", here, { source: this, target: "#picker-times", select: "#picker-times", swap: "outerHTML show:none" });
  }

  ask(asker) {
    this.asker = asker;
    this.toggleAttribute("data-loading", asker !== this);
  }

  note(asker) {
    const inside = this.contains(document.activeElement) ? document.activeElement : null;
    was = {
      focus: inside?.id,
      open: this.querySelector("#picker-month")?.open,
      live: asker === this,
      then: asker.matches("a.date") ? "day" : asker.dataset.then,
      leafed: asker.matches("date-grid .step"),
      times: this.times,
      day: this.part?.dataset.day,
    };
  }

  settle() {
    if (!was) return;
    const before = was;
    was = null;
    const month = this.querySelector("#picker-month");
    if (before.live && before.open && month) month.open = true;
    this.focusAgain(before);
    say(before.live ? this.news(before) : this.heading(before.leafed ? ".month-head b" : "#picker-day"));
  }

  heading(of = "#picker-day") { return this.querySelector(of)?.textContent.trim().replace(/\s+/g, " ") ?? ""; }

  focusAgain({ focus, live, then }) {
    const at = document.activeElement;
    if (at && at !== document.body && !this.contains(at)) return; // it went on in the meantime
    const lost = focus && document.activeElement?.id !== focus;
    const target = then ? this.place(then) : lost && (document.getElementById(focus) ?? this.beside(focus));
    if (target) target.focus({ preventScroll: live });
  }

  place(then) {
    const [where, which] = then.split(" ");
    const links = [...this.querySelectorAll(`${where} :is(a.day, a.date)`)];
    return {
      zone: () => this.querySelector("#picker-zone-now"),
      day: () => this.querySelector(".day[aria-current]"),
      time: () => this.querySelector("slot-grid input:checked") ?? this.querySelector("slot-grid input"),
    }[where]?.() ?? links.at(which === "last" ? -1 : 0) ?? this.querySelector("#picker-day");
  }

  // The time that had the focus has gone: the next one of the day has it, or the last.
  beside(id) {
    const later = [...this.querySelectorAll("slot-grid input")].find((each) => each.id > id);
    const last = [...this.querySelectorAll("slot-grid input")].at(-1);
    return (id.startsWith("at-") && (later ?? last)) || this.querySelector(".day[aria-current]") || this.querySelector("#picker-day");
  }

  news({ times, day }) {
    if (this.part.dataset.day !== day) return this.heading();
    const now = this.times;
    const gone = [...times].filter(([start]) => !now.has(start)).map(([, name]) => name);
    const come = [...now].filter(([start]) => !times.has(start)).map(([, name]) => name);
    return [gone.length && `No longer free: ${gone.join(", ")}.`, come.length && `Free again: ${come.join(", ")}.`].filter(Boolean).join(" ");
  }

  rest() {
    this.asker = null;
    this.toggleAttribute("data-loading", false);
    if (!this.stale) return;
    this.stale = false;
    this.reread();
  }

  fail() { if (this.asker !== this) show(FAILED, "bad"); }
}
customElements.define("slot-picker", SlotPicker);
