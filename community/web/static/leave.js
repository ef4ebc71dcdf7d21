// "Leave this page": blank it at once, lock the session, and put a neutral site in this page's place.
// Escape three times within two seconds does the same. The browser's history stays, which the button says.

const WITHIN_MS = 2000;

export function leave() {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const target = document.body.dataset.leave;
  document.title = "";
  document.documentElement.replaceChildren();
  navigator.sendBeacon("/leave", new URLSearchParams({ csrf: token }));
  location.replace(target);
}

let presses = [];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat) return;
  const now = performance.now();
  presses = [...presses.filter((at) => now - at < WITHIN_MS), now];
  if (presses.length >= 3) leave();
}, true);

document.addEventListener("submit", (event) => {
  if (!event.target.matches?.("form.leave")) return;
  event.preventDefault();
  leave();
});

// Coming back with the back button after leaving must not show the page that was left.
addEventListener("pageshow", (event) => {
  if (event.persisted && document.body?.dataset.signed !== undefined) location.reload();
});
