// The box where one writes: answer, change, warn, and get one's words back when they can't be sent as they are.
// Drafts are kept on the server, not on the device.
import { Names } from "../community/names.js";
import { findContact } from "../community/nudge.js";
import { path, text, words } from "./lines.js";
import { newNonce } from "./socket.js";

const TYPING_MS = 3000;
const DRAFT_MS = 1500;
const token = document.querySelector('meta[name="csrf-token"]').content;
const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;

export class Composer {
  /** `onSend(frame)` gets a send or edit frame with a nonce of its own. `form` may be null: read only. */
  constructor({ form, room, onSend, onTyping }) {
    Object.assign(this, { form, room, onSend, onTyping });
    if (!form) return;
    this.box = form.elements.body;
    this.note = form.querySelector(".answering");
    this.mend = document.getElementById("mend");
    this.typedAt = 0;
    form.addEventListener("submit", (event) => this.submit(event), { capture: true });
    form.querySelector('[data-act="stop"]').addEventListener("click", (event) => { event.preventDefault(); this.stop(); });
    new Names(this.box, room); // before our own keys: Enter takes a name while names are offered
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("input", () => this.typed());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.keep(true); });
    this.kept = this.box.value;
  }

  key(event) {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
    if (hasKeyboard || event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.form.requestSubmit();
    }
  }

  submit(event) {
    const body = this.box.value;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!body.trim()) return;
    if (this.nudge(body)) return;
    if (this.changing) {
      this.onSend({ t: "edit", id: this.changing, body, nonce: newNonce() });
    } else {
      const nonce = this.form.elements.nonce.value;
      this.form.elements.nonce.value = newNonce(); // what is written from now on is another message
      const warnings = [...this.form.querySelectorAll('[name="warnings"]:checked')].map((one) => one.value);
      const reply = this.form.elements.reply_to.value;
      this.onSend({
        t: "send", c: this.room, nonce, body,
        ...(reply ? { reply_to: reply } : {}), ...(warnings.length ? { warnings } : {}),
      });
    }
    this.clear();
  }

  /** Once, kindly, before a number or an address goes out to people one doesn't know. */
  nudge(body) {
    const found = findContact(body);
    if (!found.length || this.nudged === body) return false;
    this.nudged = body;
    const box = document.createElement("div");
    box.className = "notice amber";
    box.setAttribute("role", "alert");
    const { nudge, nudgeFix, nudgeRest } = this.form.dataset;
    const fix = text("button", nudgeFix || "Take it out", "button quiet");
    fix.type = "button";
    fix.addEventListener("click", () => {
      for (const one of found) this.box.value = this.box.value.replace(one, "[…]");
      box.remove();
      this.box.focus();
    });
    box.append(text("p", nudge || "This looks like a phone number or an e-mail address. People you don't know could read it."),
      fix, text("p", nudgeRest || "Or send it again as it is."));
    this.mend.replaceChildren(box);
    return true;
  }

  clear() {
    this.box.value = "";
    this.mend.replaceChildren();
    for (const one of this.form.querySelectorAll('[name="warnings"]:checked')) one.checked = false;
    this.form.querySelector(".warn").open = false;
    this.stop();
    this.keep();
  }

  answer(line) {
    if (!this.form) return;
    this.stop();
    this.form.elements.reply_to.value = line.id.slice(2);
    const handle = line.querySelector(".handle").textContent;
    const said = line.querySelector(".content").textContent.trim().slice(0, 90);
    this.show(`${words.answering} ${handle}: ${said}`);
  }

  change(line) {
    if (!this.form) return;
    this.stop();
    this.changing = line.id.slice(2);
    this.before = this.box.value;
    this.box.value = line.dataset.body ?? "";
    this.show(words.editing);
  }

  show(sentence) {
    this.note.querySelector("span").textContent = sentence;
    this.note.hidden = false;
    this.box.focus();
  }

  stop() {
    if (this.changing && this.before !== undefined) this.box.value = this.before;
    this.changing = this.before = undefined;
    this.form.elements.reply_to.value = "";
    this.note.hidden = true;
  }

  /** The words come back with what to change; whatever was typed meanwhile stays below them. */
  giveBack(frame, nack) {
    if (!this.form || frame.body === undefined) return;
    if (frame.t === "send") this.form.elements.nonce.value = frame.nonce; // free again: nothing was kept under it
    this.box.value = this.box.value.trim() ? `${frame.body}\n\n${this.box.value}` : frame.body;
    if (frame.t === "edit") this.changing = frame.id;
    const notice = document.createElement("div");
    notice.className = "notice info";
    notice.setAttribute("role", "alert");
    notice.append(text("p", nack.say, "notice-title"));
    const sentences = new Set((nack.findings ?? []).map((one) => one.sentence).filter(Boolean));
    if (sentences.size) {
      const list = document.createElement("ul");
      list.append(...[...sentences].map((one) => text("li", one)));
      notice.append(list);
    }
    this.mend.replaceChildren(notice);
    this.box.focus();
  }

  typed() {
    const now = Date.now();
    if (now - this.typedAt > TYPING_MS && this.box.value) {
      this.typedAt = now;
      this.onTyping();
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), DRAFT_MS);
  }

  // ---- drafts

  /** One save at a time, so that an older one never overtakes a newer; each with the nonce its words will be
   * sent with, so that one that arrives after the sending keeps nothing. */
  async keep(keepalive = false) {
    clearTimeout(this.timer);
    const body = this.changing ? this.before : this.box.value;
    if (body === this.kept) return;
    if (this.saving && !keepalive) return void (this.isStale = true);
    this.kept = body;
    this.saving = true;
    await fetch(`/api/v1${path}/draft`, {
      method: "PUT", keepalive, body: JSON.stringify({ body, nonce: this.form.elements.nonce.value }),
      headers: { "content-type": "application/json", "x-csrf-token": token },
    }).catch(() => { this.kept = undefined; }); // tried again with the next letter
    this.saving = false;
    if (this.isStale) {
      this.isStale = false;
      this.keep();
    }
  }
}
