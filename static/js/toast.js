// Messages can be put away; good news leaves by itself after eight seconds unless it is read or touched.
const LASTS = 8000;

export function show(text, kind = "plain") {
  const place = document.querySelector("[data-toasts]");
  const toast = document.createElement("div");
  toast.className = `toast ${kind}`;
  toast.setAttribute("role", kind === "bad" ? "alert" : "status");
  toast.textContent = text;
  place?.append(toast);
  return toast;
}

function watch(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "yes";
  toast.querySelector("[data-dismiss]")?.removeAttribute("hidden");
  if (toast.classList.contains("bad") || toast.querySelector(".undo")) return;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, LASTS) : toast.remove());
  setTimeout(leave, LASTS);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".toast").remove();
});

const place = document.querySelector("[data-toasts]");
if (place) {
  const all = () => place.querySelectorAll(".toast").forEach(watch);
  new MutationObserver(all).observe(place, { childList: true });
  all();
}
