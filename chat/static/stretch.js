// The stretch of the room that is in the page: at most so many lines, with earlier and later ones a scroll (or a
// link) away in both directions. A room of any length costs a phone the same.
import { arrange, path } from "./lines.js";

const LINES_MAX = 150;
const NEAR_PX = 1200;

export class Stretch {
  /** `onChange` after lines came or went; `onCame(head)` after lines came that were read at that head. */
  constructor({ log, list, onCame, onChange }) {
    Object.assign(this, { log, list, onCame, onChange });
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
    try {
      const part = await this.fetch(`${way === "older" ? "before" : "after"}=${this[way]}`);
      if (!part) return;
      const came = [...part.children].filter((item) => !document.getElementById(item.id));
      const [first] = came.filter((item) => item.classList.contains("line"));
      this.quietly(() => this.steadily(() => {
        if (way === "older") {
          this.list.prepend(...came);
          this.older = Number(part.dataset.older) || null;
          this.trim("newer");
        } else {
          this.list.append(...came);
          this.newer = Number(part.dataset.newer) || null;
          this.trim("older");
        }
        arrange(this.list);
      }));
      this.onCame(Number(part.dataset.head));
      this.offer();
      if (byLink) first?.focus({ preventScroll: way === "older" });
      this.onChange();
      hasCome = true;
    } finally {
      this.turning = false;
    }
    if (hasCome) this.look(); // whoever scrolled meanwhile wasn't heard
  }

  /** The newest part instead of this one. */
  async toHead() {
    const part = await this.fetch(`before=${Number.MAX_SAFE_INTEGER}`);
    if (!part) return;
    this.quietly(() => {
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
    this.steadily(() => this.trim("older"));
    arrange(this.list, line);
  }

  trim(way) {
    const lines = this.list.querySelectorAll(":scope > .line");
    const over = lines.length - LINES_MAX;
    if (over <= 0) return;
    if (way === "older") {
      for (const item of [...this.list.children]) {
        if (item === lines[over]) break;
        item.remove();
      }
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
  quietly(change) {
    const said = this.log.getAttribute("aria-live");
    this.log.setAttribute("aria-live", "off");
    change();
    setTimeout(() => {
      if (this.log.getAttribute("aria-live") === "off") this.log.setAttribute("aria-live", this.isPaused ? "off" : said === "off" ? "polite" : said);
    }, 500);
  }

  /** Whatever comes or goes above, the line that one reads stays where it is. */
  steadily(change) {
    const top = this.log.getBoundingClientRect().top;
    const kept = [...this.list.children].find((item) => item.classList.contains("line") && item.getBoundingClientRect().bottom > top);
    const before = kept?.getBoundingClientRect().top;
    change();
    if (kept?.isConnected) this.log.scrollTop += kept.getBoundingClientRect().top - before;
  }
}
