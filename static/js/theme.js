// Loaded before the first paint: a chosen theme must not flash. Not a module, because modules wait.
(() => {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
