// Counts down to an instant by the server's clock (the element carries what it said when it wrote the page).
// Seen every second; spoken only at five minutes, one minute and the end.
const SPOKEN = [300, 60];

class CountDown extends HTMLElement {
  connectedCallback() {
    this.until = Date.parse(this.getAttribute("until"));
    this.ahead = Date.parse(this.getAttribute("now")) - Date.now();
    this.left = this.querySelector("[data-left]");
    this.say = this.querySelector("[data-say]");
    if (!this.left || Number.isNaN(this.until) || Number.isNaN(this.ahead)) return;
    this.timer = setInterval(() => this.tick(), 1000);
    this.tick();
  }

  disconnectedCallback() { clearInterval(this.timer); }

  tick() {
    const seconds = Math.max(0, Math.ceil((this.until - Date.now() - this.ahead) / 1000));
    this.left.textContent = CountDown.write(seconds);
    this.toggleAttribute("data-near", seconds > 0 && seconds <= Number(this.getAttribute("near")));
    if (SPOKEN.includes(seconds)) this.speak(`${seconds / 60} minute${seconds === 60 ? "" : "s"} left`);
    if (seconds === 0) this.end();
  }

  speak(words) { if (this.say) this.say.textContent = words; }

  end() {
    clearInterval(this.timer);
    this.toggleAttribute("data-over", true);
    this.left.parentElement.textContent = this.getAttribute("over");
    this.speak(this.getAttribute("over"));
    this.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
  }

  static write(seconds) {
    const two = (number) => String(number).padStart(2, "0");
    const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
    if (days > 0) return `${days} d ${hours} h`;
    return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  }
}
customElements.define("count-down", CountDown);
