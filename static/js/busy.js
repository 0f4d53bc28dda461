// A form that was sent says so, and the same press twice is one press. Coming back by the history wakes it again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  const button = event.submitter;
  if (!button?.classList.contains("button")) return;
  if (button.getAttribute("aria-busy") === "true") event.preventDefault();
  button.setAttribute("aria-busy", "true");
});

window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll('form .button[aria-busy="true"]')) button.removeAttribute("aria-busy");
});
