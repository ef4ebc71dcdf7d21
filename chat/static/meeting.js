// The meeting's strip, live: a "look again" from the house fetches it anew, as this reader may see it. Acts go
// without loading the page. What matters to the reader (their turn, being next, the minutes) is said once, politely.
import { newNonce } from "./socket.js";

const JITTER_MS = 600; // not everyone in the same moment
const AGAIN_MS = 30_000; // repairs what was lost, while a meeting runs
const TICK_MS = 5_000;

export class Meeting {
  /** `onSend(frame)` for words of a check-in: they go like all words. */
  constructor({ place, room, onSend }) {
    Object.assign(this, { place, room, onSend });
    if (!place) return;
    this.words = place.dataset;
    this.news = document.getElementById("meeting-news");
    this.was = this.state;
    place.addEventListener("submit", (event) => this.submit(event));
    place.addEventListener("click", (event) => { if (event.target.closest("summary") && this.state.leads) this.stir(); });
    setInterval(() => { if (this.state.phase === "running" && !document.hidden) this.look(); }, AGAIN_MS);
    setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  get strip() { return this.place.querySelector(".strip"); }

  get state() {
    const { meeting, phase, place, mine, leads, slow } = this.strip?.dataset ?? {};
    return { meeting, phase, place: Number(place), mine: mine !== undefined, leads: leads !== undefined, slow: Number(slow) };
  }

  /** Something changed: soon, and once for many rings. */
  stir() {
    if (!this.place || this.due) return;
    this.due = setTimeout(() => { this.due = null; this.look(); }, Math.random() * JITTER_MS);
  }

  async look() {
    const response = await fetch(`/rooms/${this.room}/meeting?part=strip`).catch(() => null);
    if (!response?.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".strip");
    if (fresh) this.put(fresh);
  }

  /** The new strip in place of the old; what is open stays open, what is typed stays, the focus stays. */
  put(fresh) {
    const old = this.strip;
    const typed = old.querySelector(".check input[name=words]");
    if (typed && (typed.value || document.activeElement === typed)) {
      fresh.querySelector(".check")?.replaceWith(typed.form);
    }
    const fold = fresh.querySelector("details");
    if (fold) fold.open = !!old.querySelector("details")?.open;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const action = focused?.form?.action;
    old.replaceWith(fresh);
    if (focused) {
      const again = focused.isConnected ? focused
        : action ? [...fresh.querySelectorAll("form")].find((form) => form.action === action)?.querySelector("button") : fresh.querySelector("summary");
      (again ?? fresh.querySelector("button, summary"))?.focus();
    }
    this.tell();
    this.tick();
  }

  /** What changed for this reader, in one sentence. */
  tell() {
    const before = this.was;
    const now = this.was = this.state;
    const said = now.phase === "running" && before.phase !== "running" ? this.words.began
      : before.phase === "running" && now.phase !== "running" ? this.words.ended
      : now.mine && !before.mine ? this.words.yours
      : now.place === 1 && before.place !== 1 ? this.words.next : "";
    if (now.mine !== before.mine) this.isOver = false;
    if (said) this.news.textContent = said;
  }

  /** The minutes of a share: whole minutes, kindly, and no alarm when they are over. */
  tick() {
    const share = this.strip?.querySelector(".share");
    if (!share) return;
    const left = Math.ceil((Date.parse(share.dataset.ends) - Date.now()) / 60_000);
    share.textContent = left > 1 ? this.words.left.replace("#", left) : left === 1 ? this.words.lastMinute : this.words.over;
    if (left <= 0 && this.told !== share.dataset.ends && (this.state.mine || this.state.leads)) {
      this.told = share.dataset.ends;
      this.news.textContent = this.words.over;
    }
  }

  async submit(event) {
    const form = event.target;
    event.preventDefault();
    event.stopPropagation(); // forms.js would ask the same question again
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) return;
    const fields = new URLSearchParams(new FormData(form));
    if (form.dataset.check) {
      const words = fields.get("words").trim();
      if (words) this.onSend({ t: "send", c: this.room, nonce: newNonce(), body: words });
      fields.delete("words");
      form.reset();
      document.activeElement?.blur?.();
    }
    const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual" }).catch(() => null);
    if (answer && answer.type !== "opaqueredirect" && !answer.ok) this.news.textContent = this.words.failed;
    await this.look();
  }
}
