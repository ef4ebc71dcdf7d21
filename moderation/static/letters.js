// "Begin with this" puts a beginning into the letter without loading the page, after what is written already.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-begin]");
  const box = document.querySelector("form.letter textarea");
  if (!link || !box) return;
  event.preventDefault();
  const words = document.getElementById(link.dataset.begin).textContent;
  box.value = box.value.trim() ? `${box.value.trimEnd()}\n\n${words}` : words;
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
  box.scrollIntoView({ block: "center" });
});

// A link to a folded part opens it.
function unfold() {
  const part = location.hash && document.getElementById(location.hash.slice(1));
  if (part?.tagName === "DETAILS") part.open = true;
}
addEventListener("hashchange", unfold);
unfold();
