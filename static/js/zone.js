// Tells the server in which zone this browser lives, once; a zone somebody chose is never overwritten. Who reads times
// in another zone than his device's is offered that one where zones are chosen.
const YEAR = 365 * 24 * 3600;
const detected = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = document.documentElement.dataset.zoneKnown === "yes";

for (const field of document.querySelectorAll("input[data-detect-zone]")) if (!field.value) field.value = detected;

function offer(root) {
  for (const button of root.querySelectorAll("[data-device-zone]")) {
    if (!detected || button.form.querySelector("select").value === detected) continue;
    button.value = detected;
    button.textContent = `Use this device's: ${detected.replaceAll("_", " ")}`;
    button.hidden = false;
  }
}
offer(document);
document.addEventListener("htmx:load", (event) => offer(event.target));

if (!known && detected && navigator.cookieEnabled) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zone=${detected}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
  // Times already on the page were written for another zone: read it once more, before anything was typed.
  const stale = document.querySelector("main time[datetime]") && detected !== document.documentElement.dataset.zone;
  if (stale && !sessionStorage.getItem("zone-told")) {
    sessionStorage.setItem("zone-told", "yes");
    location.reload();
  }
}
