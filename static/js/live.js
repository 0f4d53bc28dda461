// Two sockets, each only where the page asks for it:
//   <html data-live-me>                       → /ws/me/: the inbox badge, and a DOM event per message
//   <div data-live-slots="slug" data-from data-to> → /ws/coaches/<slug>/slots/: the picker reads itself anew
// A lost connection is tried again after 1, 2, 4 … 30 seconds, with a little chance so that not all come at once.
// A connection that never opened is a refusal, which the handshake does not tell apart from an outage: five tries.
const LONGEST = 30_000;
const TRIES = 5;

function connect(path, hear, missed = () => {}) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  let wait = 1000;
  let failures = 0;
  let socket;
  const open = () => {
    socket = new WebSocket(`${scheme}://${location.host}${path}`);
    socket.addEventListener("open", () => {
      if (failures < 0) missed();
      wait = 1000;
      failures = -Infinity;
    });
    socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      failures += 1;
      if (failures >= TRIES) return;
      setTimeout(open, wait + Math.random() * 500);
      wait = Math.min(wait * 2, LONGEST);
    });
  };
  open();
  window.addEventListener("pagehide", () => socket.close());
}

function heardMe(message) {
  document.dispatchEvent(new CustomEvent(`live:${message.type}`, { detail: message }));
  if (Number.isInteger(message.unread)) count("inbox", message.unread);
}

function count(name, number) {
  for (const badge of document.querySelectorAll(`[data-live="${CSS.escape(name)}"]`)) {
    badge.dataset.count = number;
    badge.querySelector("[data-number]").textContent = number > 99 ? "99+" : number;
  }
}

function heardSlots(slug, message) {
  if (message.type !== "slots.changed") return;
  const [from, to] = [Date.parse(message.from), Date.parse(message.to)];
  reread(slug, (place) => from < Date.parse(place.dataset.to) && to > Date.parse(place.dataset.from));
}

// The place is looked up anew each time: htmx may have put another week there.
function reread(slug, concerned = () => true) {
  for (const place of document.querySelectorAll(`[data-live-slots="${CSS.escape(slug)}"]`)) {
    if (concerned(place)) place.dispatchEvent(new CustomEvent("slots-changed", { bubbles: true }));
  }
}

if (document.documentElement.hasAttribute("data-live-me")) connect("/ws/me/", heardMe);
const slugs = new Set([...document.querySelectorAll("[data-live-slots]")].map((place) => place.dataset.liveSlots));
for (const slug of slugs) {
  const path = `/ws/coaches/${encodeURIComponent(slug)}/slots/`;
  connect(path, (message) => heardSlots(slug, message), () => reread(slug));
}
