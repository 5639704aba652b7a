// Day or night: the reader's own choice, remembered on this device, beats the system's.
// Loaded in the head and not deferred, so that a page never flashes in the wrong light.
const root = document.documentElement;

function kept() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage may be forbidden: the system's choice holds then
  }
}

const choice = kept();
if (choice === "light" || choice === "dark") root.dataset.theme = choice;

function isNight() {
  return root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  root.dataset.theme = isNight() ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // not remembered, yet applied to this page
  }
});
