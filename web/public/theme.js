// Runs before the first paint, so that the chosen theme does not flash.
try {
  const chosen = localStorage.getItem("leastwise.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is closed to us: the system's theme stands.
}
