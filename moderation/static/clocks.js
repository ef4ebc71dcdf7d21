// Clocks that run: "within 12 minutes" counts down by itself, in words, and turns late.
// The server's sentence stands in data-left and data-late, with %s for the length.

import { later } from "../community/later.js";

const language = document.documentElement.lang || "en";
const units = [["day", 86_400, 2], ["hour", 3_600, 2], ["minute", 60, 0]];
const formats = new Map(); // made once each, when they are needed: it takes a moment

function format(unit) {
  if (!formats.has(unit)) formats.set(unit, new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }));
  return formats.get(unit);
}

export function length(seconds) {
  const most = Math.abs(seconds);
  const [unit, size] = units.find(([, size, least]) => most >= size * Math.max(least, 1)) ?? units[2];
  const n = Math.floor(most / size);
  return format(unit).format(n);
}

export function refresh(root = document) {
  for (const clock of root.querySelectorAll("[data-due]")) {
    const left = (Date.parse(clock.dataset.due) - Date.now()) / 1000;
    if (Math.abs(left) < 60 && left > 0) continue; // the server said "less than a minute"
    const words = (left > 0 ? clock.dataset.left : clock.dataset.late).replace("%s", length(left));
    if (clock.textContent !== words) clock.textContent = words;
    clock.parentElement.classList.toggle("late", left <= 0);
  }
}

later(refresh);
setInterval(refresh, 15_000);
