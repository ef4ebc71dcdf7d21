// The stretch of the room that is in the page: at most so many lines, with earlier and later ones a scroll (or a
// link) away in both directions. A room of any length costs a phone the same.
import { arrange, path } from "./lines.js";

const LINES_MAX = 150;
const AT_ONCE = 5; // items a frame: more, and a thumb on an old phone feels it
const NEAR_PX = 1200;
const HIDDEN_MS = 100; // a page that nobody sees draws no frames

const frame = () => new Promise((next) => { requestAnimationFrame(next); setTimeout(next, HIDDEN_MS); });

export class Stretch {
  /** `onChange` after lines came or went; `onCame(head)` after lines came that were read at that head. */
  constructor({ log, list, onCame, onChange }) {
    Object.assign(this, { log, list, onCame, onChange });
    this.leaps = 0; // what was asked for before a leap to the newest lines doesn't belong beside them
    this.know(list);
    for (const way of ["older", "newer"]) {
      document.getElementById(way).addEventListener("click", (event) => {
        event.preventDefault();
        this.turn(way, true);
      });
    }
    let isDue = false;
    log.addEventListener("scroll", () => {
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(() => { isDue = false; this.look(); });
    }, { passive: true });
  }

  /** Whether the newest line is in the page, so that what is said now belongs below it. */
  get isAtHead() { return this.newer === null; }

  know(part) {
    this.older = Number(part.dataset.older) || null;
    this.newer = Number(part.dataset.newer) || null;
    this.offer();
  }

  offer() {
    for (const [way, name] of [["older", "before"], ["newer", "after"]]) {
      const link = document.getElementById(way);
      link.parentElement.hidden = !this[way];
      link.href = `${path}?${name}=${this[way] ?? ""}`;
    }
    document.getElementById("ahead").hidden = this.isAtHead; // what waits and what is held stands after the newest
  }

  look() {
    const below = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
    if (this.log.scrollTop < NEAR_PX && this.older) this.turn("older");
    else if (below < NEAR_PX && this.newer) this.turn("newer");
  }

  /** Bring the next earlier or later part; far lines go. By link, the focus goes to what came. */
  async turn(way, byLink = false) {
    if (this.turning || !this[way]) return;
    this.turning = true;
    let hasCome = false;
    const { leaps } = this;
    try {
      const part = await this.fetch(`${way === "older" ? "before" : "after"}=${this[way]}`);
      if (!part || leaps !== this.leaps) return;
      const came = [...part.children].filter((item) => !document.getElementById(item.id));
      const [first] = came.filter((item) => item.classList.contains("line"));
      await this.quietly(() => this.bring(way, came));
      if (leaps !== this.leaps) return;
      this[way] = Number(part.dataset[way]) || null;
      this.onCame(Number(part.dataset.head));
      this.steadily(() => this.offer()); // its link goes with the earliest line
      if (byLink) first?.focus({ preventScroll: way === "older" });
      this.onChange();
      hasCome = true;
    } finally {
      this.turning = false;
    }
    if (hasCome) this.look(); // whoever scrolled meanwhile wasn't heard
  }

  /** A few items a frame; the first of them beside the lines that are here, so that the order is right all the while. */
  async bring(way, came) {
    const isOlder = way === "older";
    const { leaps } = this;
    await frame(); // reading what came took one already
    let seam = isOlder ? this.lines[0] : came.find((item) => item.classList.contains("line"));
    while (came.length && leaps === this.leaps) {
      const some = came.splice(isOlder ? -AT_ONCE : 0, AT_ONCE);
      this.steadily(() => {
        this.list[isOlder ? "prepend" : "append"](...some);
        if (seam?.previousElementSibling) {
          arrange(seam);
          seam = null;
        }
        this.trim(isOlder ? "newer" : "older");
      });
      await frame();
    }
  }

  get lines() { return this.list.querySelectorAll(":scope > .line"); }

  /** The newest part instead of this one. */
  async toHead() {
    const part = await this.fetch(`before=${Number.MAX_SAFE_INTEGER}`);
    if (!part) return;
    this.leaps += 1;
    await this.quietly(() => {
      this.list.replaceChildren(...part.children);
      part.dataset.newer = "";
      this.know(part);
    });
    this.onCame(Number(part.dataset.head));
    this.onChange();
  }

  /** A line that was said just now. */
  place(line) {
    this.list.append(line);
    arrange(line);
    this.steadily(() => this.trim("older"));
  }

  trim(way) {
    const { lines } = this;
    const over = lines.length - LINES_MAX;
    if (over <= 0) return;
    if (way === "older") {
      for (const item of [...this.list.children]) {
        if (item === lines[over]) break;
        item.remove();
      }
      arrange(lines[over]);
      this.older = Number(lines[over].dataset.seq) || this.older;
    } else {
      const last = lines[LINES_MAX - 1];
      while (last.nextElementSibling) last.nextElementSibling.remove();
      this.newer = Number(last.dataset.seq) || this.newer;
    }
    this.offer();
  }

  async fetch(query) {
    const response = await fetch(`${path}?${query}&part=lines`).catch(() => null);
    if (!response?.ok) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".lines");
  }

  /** Old words aren't news: the log keeps silent while they come. */
  async quietly(change) {
    clearTimeout(this.hush);
    this.log.setAttribute("aria-live", "off");
    await change();
    this.hush = setTimeout(() => this.log.setAttribute("aria-live", this.isPaused ? "off" : "polite"), 500);
  }

  /** Whatever comes or goes above, the line that one reads stays where it is. */
  steadily(change) {
    const kept = this.reads();
    const before = kept?.getBoundingClientRect().top;
    change();
    if (kept?.isConnected) this.log.scrollTop += kept.getBoundingClientRect().top - before;
  }

  /** The first line that isn't above the window of words: halved, for asking each line where it is takes too long. */
  reads() {
    const { lines } = this;
    const top = this.log.getBoundingClientRect().top;
    let [from, to] = [0, lines.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (lines[middle].getBoundingClientRect().bottom > top) to = middle;
      else from = middle + 1;
    }
    return lines[from];
  }
}
