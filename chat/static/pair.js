// For a supporter: when the other has written, look whether it went to the people on duty, and say what happens next.
import { path } from "./lines.js";

const SOON_MS = 400; // once for several lines
let due;

async function look() {
  const response = await fetch(`${path}?part=beside`).catch(() => null);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("beside");
  const there = document.getElementById("beside");
  if (fresh && there && fresh.textContent.trim() !== there.textContent.trim()) there.replaceChildren(...fresh.childNodes);
}

new MutationObserver(() => {
  clearTimeout(due);
  due = setTimeout(look, SOON_MS);
}).observe(document.querySelector("#log > .lines"), { childList: true });
