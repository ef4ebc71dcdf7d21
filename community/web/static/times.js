// <time data-near> says "5 minutes ago" for the last day; the full moment stays in its title. What is to come keeps
// its hour: that is what one plans by.
import { later } from "./later.js";

const UNITS = [["hour", 3600], ["minute", 60]];
let words; // made when the first time needs it: loading a language's words takes an old phone a moment

export function ago(seconds) {
  words ??= new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
  if (Math.abs(seconds) < 60) return words.format(0, "minute");
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size);
  return words.format(-Math.trunc(seconds / size), unit);
}

export function refresh(root = document) {
  for (const time of root.querySelectorAll("time[data-near]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    if (seconds > -60 && seconds < 24 * 3600) time.textContent = ago(seconds);
  }
}

later(refresh);
setInterval(refresh, 60_000);
