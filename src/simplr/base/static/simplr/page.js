// Small courtesies that every page has; nothing here is needed to use one.
// 1. "/" goes to the search field, or to the filter of the page where there is one.
// 2. The first field with an error gets the focus after a form came back.
// 3. A table region answers the arrow keys, Home and End by scrolling itself (native), and Escape leaves it.
// 4. Selects and choices marked data-submits send their form, so that filters need no button.
// 5. Buttons with data-date put that day into the date field they name.
// 6. The tab that is open is scrolled into sight where the tabs are wider than the screen.
// 7. Sections marked data-needs-choice show only for the chosen value of the named control.
// 8. A box marked data-all ticks every box of that name on the page, or none.

const typing = (element) => element.closest("input, select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !typing(event.target)) {
    const field = document.querySelector("main [data-filter], .search input");
    if (field?.checkVisibility()) {
      event.preventDefault();
      field.focus();
    }
  }
  if (event.key === "Escape" && event.target.matches?.(".table-scroll")) event.target.blur();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  if (event.target.matches("[data-all]")) {
    const boxes = document.querySelectorAll(`input[type=checkbox][name="${event.target.dataset.all}"]`);
    for (const box of boxes) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-chooses]")) choose(event.target.form);
});

document.addEventListener("click", (event) => {
  const day = event.target.closest("[data-date]");
  if (!day) return;
  const field = document.getElementById(day.dataset.dateFor);
  field.value = day.dataset.date;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

// The form is read once: a release of a table with 2,000 fields has 4,000 parts that wait for a choice.
function choose(form) {
  const chosen = new Map(new FormData(form));
  for (const part of form.querySelectorAll("[data-needs-choice]")) {
    const [name, ...values] = part.dataset.needsChoice.split(" ");
    part.hidden = !values.includes(chosen.get(name) ?? "");
  }
}

function begin(within) {
  const controls = [...within.querySelectorAll("[data-chooses]")];
  for (const form of new Set(controls.map((control) => control.form))) choose(form);
  within.querySelector('[aria-invalid="true"]')?.focus();
}

begin(document);
const tab = document.querySelector(".tabs [aria-current]");
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.clientWidth / 2;
document.addEventListener("htmx:load", (event) => begin(event.target));
