// Reading along: stay at the latest while one is there, count what is new while one isn't, pause on demand,
// say how far one has read, and who else is here.
import { arrange, room, words } from "./lines.js";

const NEAR_PX = 80;
const READ_MS = 1500;
const TYPING_MS = 5000;

export class Reading {
  constructor({ log, list, onRead }) {
    Object.assign(this, { log, list, onRead });
    this.fresh = 0;
    this.held = []; // lines that arrived while paused
    this.isPaused = false;
    this.typing = new Map();
    this.here = new Map();
    this.latest = document.getElementById("latest");
    this.pause = document.getElementById("pause");
    log.addEventListener("scroll", () => { if (this.isAtEnd()) this.settle(); }, { passive: true });
    this.latest.addEventListener("click", () => { this.goOn(); this.toLatest(); });
    this.pause.addEventListener("click", () => (this.isPaused ? this.goOn() : this.stop()));
    document.addEventListener("visibilitychange", () => this.read());
    document.getElementById("older").addEventListener("click", (event) => this.older(event));
  }

  begin() {
    document.querySelector(".under").hidden = false;
    const newLine = document.getElementById("new");
    if (newLine) newLine.scrollIntoView({ block: "center" });
    else this.toLatest();
    this.read();
  }

  isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_PX;
  }

  /** Put a line in with `put`, or keep it while paused; follow it where the reader is at the end. */
  around(line, put) {
    if (this.isPaused) {
      this.held.push(put);
      this.count();
      return;
    }
    const follows = this.isAtEnd();
    put();
    if (follows) this.toLatest();
    else if (!line.classList.contains("own")) this.count();
  }

  count() {
    this.fresh += 1;
    this.latest.textContent = this.fresh === 1 ? words.newOne : words.newMany.replace("#", this.fresh);
    this.latest.hidden = false;
  }

  settle() {
    this.fresh = 0;
    this.latest.hidden = true;
    this.read();
  }

  toLatest() {
    this.log.scrollTop = this.log.scrollHeight;
    this.settle();
  }

  /** Bring something that matters into sight, from its beginning. */
  show(element) {
    const from = element.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
    this.log.scrollTop += from - 8;
  }

  stop() {
    this.isPaused = true;
    this.log.setAttribute("aria-live", "off");
    this.pause.setAttribute("aria-pressed", "true");
    this.pause.textContent = words.goOn;
  }

  goOn() {
    this.isPaused = false;
    this.log.setAttribute("aria-live", "polite");
    this.pause.setAttribute("aria-pressed", "false");
    this.pause.textContent = words.pause;
    for (const put of this.held.splice(0)) put();
    this.toLatest();
  }

  read() {
    clearTimeout(this.timer);
    if (document.hidden || this.isPaused || !this.isAtEnd()) return;
    this.timer = setTimeout(this.onRead, READ_MS);
  }

  async older(event) {
    event.preventDefault();
    const link = event.currentTarget;
    const response = await fetch(`${link.href}&part=lines`);
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".lines");
    const height = this.log.scrollHeight;
    this.log.setAttribute("aria-live", "off"); // old words aren't news
    this.list.prepend(...page.children);
    arrange(this.list);
    this.log.scrollTop += this.log.scrollHeight - height;
    if (!this.isPaused) setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
    link.parentElement.hidden = !page.dataset.older;
    link.href = `/rooms/${room.dataset.room}?before=${page.dataset.older}`;
  }

  types(member) {
    clearTimeout(this.typing.get(member.id)?.timer);
    const timer = setTimeout(() => { this.typing.delete(member.id); this.showTyping(); }, TYPING_MS);
    this.typing.set(member.id, { handle: member.handle, timer });
    this.showTyping();
  }

  showTyping() {
    const names = [...this.typing.values()].map((one) => one.handle);
    document.getElementById("typing").textContent =
      names.length > 1 ? words.typingMany : names.length ? words.typingOne.replace("#", names[0]) : "";
  }

  presence(frame) {
    for (const one of frame.here ?? []) this.here.set(one.id, one.handle);
    for (const one of frame.gone ?? []) this.here.delete(one.id);
    const names = [...this.here.values()];
    document.getElementById("here").textContent = names.length ? `${words.here} ${names.join(", ")}` : "";
  }
}
