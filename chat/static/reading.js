// Reading along: stay at the latest while one is there, count what is new while one isn't, pause and hear on
// demand, walk from line to line, say how far one has read, and who else is here.
import { avatar } from "../community/avatar.js";
import { text, words } from "./lines.js";

const NEAR_PX = 80;
const READ_MS = 1500;
const TYPING_MS = 5000;
const AGAIN_MS = 8000; // asked for again within this, the message before is read out

export class Reading {
  /** `stretch`: the lines in the page. `onRead` once the newest was in sight for a moment. */
  constructor({ log, stretch, onRead }) {
    Object.assign(this, { log, stretch, onRead });
    this.fresh = 0;
    this.held = []; // lines that arrived while paused
    this.isPaused = false;
    this.typing = new Map();
    this.here = new Map();
    this.latest = document.getElementById("latest");
    this.pause = document.getElementById("pause");
    this.heard = { back: 0, at: -Infinity };
    log.addEventListener("scroll", () => { if (this.isAtEnd()) this.settle(); }, { passive: true });
    log.addEventListener("keydown", (event) => this.walk(event));
    this.latest.addEventListener("click", () => { this.goOn(); this.toLatest(); });
    this.pause.addEventListener("click", () => (this.isPaused ? this.goOn() : this.stop()));
    document.getElementById("speak").addEventListener("click", () => this.speak());
    document.addEventListener("visibilitychange", () => this.read());
  }

  begin() {
    document.querySelector(".under").hidden = false;
    const to = (location.hash.startsWith("#m-") && document.getElementById(location.hash.slice(1))) || document.getElementById("new");
    if (to) to.scrollIntoView({ block: "center" });
    else this.toEnd();
    const card = this.log.querySelector(".support");
    if (card) this.show(card); // help first: from its beginning
    if (!this.stretch.isAtHead) this.offer();
    this.read();
  }

  isAtEnd() {
    return this.stretch.isAtHead && this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_PX;
  }

  /** Put a line in with `put`, or keep it while paused; follow it where the reader is at the end. */
  around(line, put) {
    if (!this.stretch.isAtHead) return this.count();
    if (this.isPaused) {
      this.held.push(put);
      this.count();
      return;
    }
    const follows = this.isAtEnd();
    put();
    if (follows) this.toEnd();
    else if (!line.classList.contains("own")) this.count();
  }

  count() {
    this.fresh += 1;
    this.offer();
  }

  offer() {
    this.latest.textContent = !this.fresh ? words.latest : this.fresh === 1 ? words.newOne : words.newMany.replace("#", this.fresh);
    this.latest.hidden = false;
  }

  settle() {
    this.fresh = 0;
    this.latest.hidden = true;
    this.read();
  }

  settleIfAtEnd() {
    if (this.isAtEnd()) this.settle();
    else if (!this.stretch.isAtHead) this.offer();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.settle();
  }

  /** To the newest words, wherever one is. */
  async toLatest() {
    if (!this.stretch.isAtHead) await this.stretch.toHead();
    this.toEnd();
  }

  /** Bring something that matters into sight, from its beginning. */
  show(element) {
    const from = element.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
    this.log.scrollTop += from - 8;
  }

  stop() {
    this.isPaused = this.stretch.isPaused = true;
    this.log.setAttribute("aria-live", "off");
    this.pause.setAttribute("aria-pressed", "true");
    this.pause.textContent = words.goOn;
  }

  goOn() {
    const was = this.isPaused;
    this.isPaused = this.stretch.isPaused = false;
    this.log.setAttribute("aria-live", "polite");
    this.pause.setAttribute("aria-pressed", "false");
    this.pause.textContent = words.pause;
    for (const put of this.held.splice(0)) put();
    if (was) this.toLatest();
  }

  read() {
    clearTimeout(this.timer);
    if (document.hidden || this.isPaused || !this.isAtEnd()) return;
    this.timer = setTimeout(this.onRead, READ_MS);
  }

  // ---- by keyboard and by ear

  /** Arrows walk from line to line; what can be done with a line is one Tab further. */
  walk(event) {
    const steps = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.target.closest("button, summary, input, textarea")) return;
    const lines = [...this.log.querySelectorAll(".line")];
    const now = lines.indexOf(event.target.closest(".line"));
    const from = now < 0 ? (step < 0 ? lines.length : lines.length - 2) : now;
    const to = lines[Math.min(Math.max(from + step, 0), lines.length - 1)];
    if (!to) return;
    event.preventDefault();
    to.focus();
  }

  /** The last message aloud (by whatever reads the screen aloud); asked again soon, the one before it. */
  speak() {
    const lines = [...this.log.querySelectorAll(".line")];
    const now = performance.now();
    const back = now - this.heard.at < AGAIN_MS ? Math.min(this.heard.back + 1, lines.length - 1) : 0;
    this.heard = { back, at: now };
    const line = lines.at(-1 - back);
    const place = document.getElementById("aloud");
    if (!line) return void (place.textContent = words.nothing);
    const fold = line.querySelector(".content > details.fold:not([open]) > summary");
    const said = fold ?? line.querySelector(".content");
    place.textContent = `${line.querySelector(".handle").textContent}, ${line.querySelector("time")?.textContent ?? ""}: ${said.textContent.trim()}`;
  }

  // ---- who else is here

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
    const names = [...this.here.values()].sort((a, b) => a.localeCompare(b));
    document.getElementById("here-none").hidden = names.length > 0;
    document.getElementById("here").replaceChildren(...names.slice(0, 50).map((name) => {
      const item = document.createElement("li");
      const person = document.createElement("span");
      person.className = "person";
      const handle = text("span", name, "handle");
      handle.dir = "auto";
      person.append(avatar(name), handle);
      item.append(person);
      return item;
    }));
  }

  /** The line broke: who is here is told anew when it is back. */
  forget() {
    this.here.clear();
    this.presence({});
  }
}
