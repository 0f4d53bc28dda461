// Tells the server in which zone this browser lives, once; a zone somebody chose is never overwritten.
const YEAR = 365 * 24 * 3600;
const detected = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = document.documentElement.dataset.zoneKnown === "yes";

for (const field of document.querySelectorAll("input[data-detect-zone]")) if (!field.value) field.value = detected;

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
