// data-sheet="place sheet": where the page is narrow, what stands in #place is shown in the <dialog id="sheet"> over the
// page, with Escape, a close button and the focus inside; closed, it stands where it stood. Elsewhere, and without
// JavaScript, the link leads to the place.
const NARROW = matchMedia("(width < 60rem)");

function open(place, sheet) {
  sheet.dataset.of = place.id;
  sheet.querySelector(".inner").append(...place.children);
  sheet.showModal();
}

function putBack(sheet) {
  const [, ...content] = sheet.querySelector(".inner").children;
  document.getElementById(sheet.dataset.of)?.append(...content);
  delete sheet.dataset.of;
}

document.addEventListener("click", (event) => {
  const [place, sheet] = (event.target.closest("[data-sheet]")?.dataset.sheet.split(" ") ?? []).map((id) => document.getElementById(id));
  if (!place || !sheet || !NARROW.matches) return;
  event.preventDefault();
  open(place, sheet);
});

// "close" does not bubble, so it is listened to on its way down.
document.addEventListener("close", (event) => { if (event.target.dataset.of) putBack(event.target); }, true);

NARROW.addEventListener("change", () => document.querySelector("dialog[data-of]")?.close());

// A page that comes back from the history was remembered with its sheet open, but it is no dialog any more.
document.addEventListener("htmx:historyRestore", () => {
  const sheet = document.querySelector("dialog[data-of]");
  if (!sheet) return;
  sheet.removeAttribute("open");
  putBack(sheet);
});
