// What can be done with a line: one toolbar that goes to the line one points at, taps or walks to. It holds links
// to the same pages that serve without scripts.
import { path, room, text, words } from "./lines.js";

const STILL_MS = 150; // nothing is attached to lines that scroll by
const bar = document.getElementById("acts-template").content.firstElementChild;

export class Acts {
  /** `onAct(name, line)` for answer, edit and withdraw; `onReact(line, emoji, on)`. */
  constructor({ log, onAct, onReact }) {
    Object.assign(this, { log, onAct, onReact });
    this.scrolledAt = -STILL_MS;
    log.addEventListener("scroll", () => { this.scrolledAt = performance.now(); }, { passive: true });
    log.addEventListener("pointerover", (event) => { if (event.pointerType === "mouse") this.point(event.target.closest(".line")); });
    log.addEventListener("focusin", (event) => this.attach(event.target.closest(".line")));
    log.addEventListener("click", (event) => this.click(event));
  }

  point(line) {
    clearTimeout(this.due);
    const wait = this.scrolledAt + STILL_MS - performance.now();
    if (wait > 0) this.due = setTimeout(() => this.point(line), wait);
    else if (!this.log.querySelector(".line:focus-within, .choices")) this.attach(line);
  }

  attach(line) {
    if (!line?.id || line.contains(bar)) return;
    this.close();
    const own = line.dataset.author === room.dataset.me;
    const there = !["withdrawn", "removed"].includes(line.dataset.state);
    const isSaid = there && !!line.dataset.seq;
    const may = isSaid && "mayWrite" in room.dataset;
    const shown = { reply: may, react: may, edit: there && own, withdraw: there && own, flag: isSaid && !own };
    const id = line.id.slice(2);
    const page = `${path}/messages/${id}`;
    for (const act of bar.querySelectorAll("[data-act]")) {
      act.hidden = !shown[act.dataset.act];
      act.href = act.dataset.act === "reply" ? `${path}?to=${id}#composer` : `${page}#${act.dataset.act}`;
    }
    if (Object.values(shown).some(Boolean)) line.querySelector(".said").append(bar);
    else bar.remove();
  }

  close() {
    this.log.querySelector(".choices")?.remove();
  }

  click(event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    const more = event.target.closest(".more-acts");
    const act = event.target.closest("[data-act]");
    const line = event.target.closest(".line");
    const quoted = event.target.closest("a.quoted");
    const from = quoted && document.getElementById(quoted.hash.slice(1));
    if (from) {
      event.preventDefault(); // it is in the page: no need to load
      from.scrollIntoView({ block: "center" });
      from.focus({ preventScroll: true });
    } else if (more && line) {
      event.preventDefault();
      this.attach(line);
      bar.querySelector("[data-act]:not([hidden])")?.focus();
    } else if (act && line && act.dataset.act !== "flag") {
      event.preventDefault();
      if (act.dataset.act === "react") this.choose(line);
      else this.onAct(act.dataset.act, line);
    } else if (event.target.closest(".reaction") && line && "mayWrite" in room.dataset) {
      const chip = event.target.closest(".reaction");
      this.onReact(line, chip.dataset.emoji, !chip.classList.contains("mine"));
    }
  }

  choose(line) {
    const open = line.querySelector(".choices");
    if (open) return open.remove();
    const box = document.createElement("div");
    box.className = "choices";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", words.react);
    for (const one of words.reactions.split("|")) {
      const [emoji, name] = one.split("=");
      const button = text("button", emoji);
      button.type = "button";
      button.title = name;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", () => {
        const mine = [...line.querySelectorAll(".reaction.mine")].some((chip) => chip.dataset.emoji === emoji);
        this.onReact(line, emoji, !mine);
        box.remove();
        line.focus();
      });
      box.append(button);
    }
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      box.remove();
      line.focus();
    });
    bar.after(box);
    box.firstElementChild.focus();
  }
}
