// <form data-autosave="address"> sends its fields as they are typed, 800 ms after the last key, and says so
// in its [data-save-state]. The form itself still posts whole, with or without this.
const PAUSE = 800;
const AGAIN = 5000;

class Autosave {
  constructor(form) {
    this.form = form;
    this.state = form.querySelector("[data-save-state]");
    form.addEventListener("input", () => this.later(PAUSE));
    form.addEventListener("submit", () => clearTimeout(this.timer));
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  async send() {
    this.show("saving", "Saving…");
    const body = new FormData(this.form);
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: this.form.dataset.method ?? "PATCH",
        body: JSON.stringify(Object.fromEntries([...body].filter(([name]) => name !== "csrfmiddlewaretoken"))),
        headers: { "Content-Type": "application/json", "X-CSRFToken": body.get("csrfmiddlewaretoken") ?? "" },
      });
      this.answered(answer);
    } catch {
      this.show("failed", "Not saved: you are offline. Trying again.");
      this.later(AGAIN);
    }
  }

  answered(answer) {
    if (answer.ok) return this.show("saved", "Saved");
    if (answer.status >= 500) {
      this.show("failed", "Not saved yet. Trying again.");
      return this.later(AGAIN);
    }
    return this.show("failed", "Not saved: please look at what you wrote.");
  }

  show(state, words) {
    if (!this.state) return;
    this.state.dataset.state = state;
    this.state.textContent = words;
  }
}

const bind = (root) => root.querySelectorAll("form[data-autosave]").forEach((form) => {
  if (!form.dataset.bound) new Autosave(form);
  form.dataset.bound = "yes";
});
bind(document);
document.addEventListener("htmx:load", (event) => bind(event.target));
