// Two sockets, each only where the page asks for it:
//   <html data-live-me>                       → /ws/me/: the inbox badge, and a DOM event per message
//   <div data-live-slots="slug" data-from data-to> → /ws/coaches/<slug>/slots/: the picker reads itself anew
// A lost connection is tried again after 1, 2, 4 … 30 seconds, with a little chance so that not all come at once.
const LONGEST = 30_000;

function connect(path, hear) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  let wait = 1000;
  let socket;
  const open = () => {
    socket = new WebSocket(`${scheme}://${location.host}${path}`);
    socket.addEventListener("open", () => (wait = 1000));
    socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => {
      // 4xxx and 1008 are refusals: asking again would be refused again.
      if (event.code === 1008 || event.code >= 4000) return;
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

// The place is looked up anew for each message: htmx may have put another week there.
function heardSlots(slug, message) {
  if (message.type !== "slots.changed") return;
  for (const place of document.querySelectorAll(`[data-live-slots="${CSS.escape(slug)}"]`)) {
    const touches = Date.parse(message.from) < Date.parse(place.dataset.to) && Date.parse(message.to) > Date.parse(place.dataset.from);
    if (touches) place.dispatchEvent(new CustomEvent("slots-changed", { bubbles: true, detail: message }));
  }
}

if (document.documentElement.hasAttribute("data-live-me")) connect("/ws/me/", heardMe);
const slugs = new Set([...document.querySelectorAll("[data-live-slots]")].map((place) => place.dataset.liveSlots));
for (const slug of slugs) connect(`/ws/coaches/${encodeURIComponent(slug)}/slots/`, (message) => heardSlots(slug, message));
