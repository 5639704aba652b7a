// The dictionary of a data set: the chosen file goes along as text in the form, so that the server
// holds it in memory only. Without this script its text can be pasted.

const LARGEST = 1024 * 1024;
const form = document.querySelector("form[data-dictionary]");
const place = form?.querySelector("[data-file]");
const chosen = place?.querySelector("input[type=file]");

if (place) place.hidden = false;

chosen?.addEventListener("change", () => {
  const [file] = chosen.files;
  chosen.setCustomValidity("");
  form.elements.content.value = "";
  if (!file) return;
  if (file.size > LARGEST) {
    chosen.setCustomValidity(chosen.dataset.tooLarge);
    chosen.reportValidity();
    return;
  }
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    form.elements.content.value = reader.result.slice(reader.result.indexOf(",") + 1);
  });
  reader.readAsDataURL(file);
});
