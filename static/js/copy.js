// <button data-copies="id" hidden> copies the value of that field and says so in [data-copied-state] beside it.
// Where the browser has no clipboard the button stays hidden; the field can be selected all the same.
for (const button of document.querySelectorAll("[data-copies]")) button.hidden = !navigator.clipboard;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  const state = button.parentElement.querySelector("[data-copied-state]");
  try {
    await navigator.clipboard.writeText(field.value);
    state.textContent = "Copied.";
  } catch {
    field.select();
    state.textContent = "Selected: copy it with the keyboard.";
  }
});
