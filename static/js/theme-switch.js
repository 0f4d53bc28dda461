// Light, dark, or as the system says; remembered on this device.
class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.buttons = [...this.querySelectorAll("button[value]")];
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[value]");
      if (button) this.choose(button.value);
    });
    this.show(localStorage.getItem("theme") ?? "system");
  }

  choose(theme) {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
    this.show(theme);
  }

  show(theme) {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.value === theme));
  }
}
customElements.define("theme-switch", ThemeSwitch);
