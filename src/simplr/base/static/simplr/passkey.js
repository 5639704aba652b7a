// When a passkey is cancelled or fails, say so in words; the making and the reading is allauth's.
document.addEventListener("allauth.error", (event) => {
  const words = document.getElementById("passkey-failed");
  const place = document.getElementById("problem");
  if (!words || !place) return;
  event.preventDefault();
  place.replaceChildren(words.content.cloneNode(true));
});
