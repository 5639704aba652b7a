// Copy buttons: <button data-copy="ID" data-copied="Copied" hidden> copies what the element with
// that id holds (its value, or its text) and says so in the button, which is a live region.
const copying = navigator.clipboard !== undefined;

function textOf(element) {
  return "value" in element ? element.value : element.textContent.trim();
}

function show(within) {
  for (const button of within.querySelectorAll("[data-copy][hidden]")) button.hidden = !copying;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const word = button.querySelector("span") ?? button;
  const before = word.textContent;
  try {
    await navigator.clipboard.writeText(textOf(source));
  } catch {
    if ("select" in source) source.select();
    return;
  }
  word.textContent = button.dataset.copied;
  setTimeout(() => {
    word.textContent = before;
  }, 2000);
});

show(document);
document.addEventListener("htmx:load", (event) => show(event.target));
