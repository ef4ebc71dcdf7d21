// "@" in a text box: handles of the group's people are offered while one types, by arrow keys and Enter, by tap,
// and said to screen readers. Nothing is sent but the letters after the "@".

const AFTER_AT = /(?:^|[^\p{L}\p{N}_.@-])@([\p{L}\p{N}_][\p{L}\p{N}_.-]{0,31})$/u;
const PAUSE_MS = 150;
let made = 0;

export class Names {
  /** `conversation`: whose group is asked; or `place`, where there is none yet (a board). */
  constructor(box, conversation, place = `/conversations/${conversation}`) {
    Object.assign(this, { box, place });
    this.list = document.createElement("ul");
    this.list.className = "names";
    this.list.id = `names-${++made}`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "@");
    this.list.hidden = true;
    box.after(this.list);
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", this.list.id);
    box.addEventListener("input", () => this.look());
    box.addEventListener("keydown", (event) => this.key(event), true);
    box.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("pointerdown", (event) => {
      const item = event.target.closest("li");
      if (!item) return;
      event.preventDefault(); // the box keeps the focus
      this.take(item.dataset.handle);
    });
  }

  get begun() {
    const { selectionStart: at, selectionEnd: end, value } = this.box;
    return at === end ? (value.slice(0, at).match(AFTER_AT)?.[1] ?? "") : "";
  }

  look() {
    clearTimeout(this.timer);
    if (!this.begun) return this.close();
    this.timer = setTimeout(() => this.ask(this.begun), PAUSE_MS);
  }

  async ask(begun) {
    const response = await fetch(`/api/v1${this.place}/people?q=${encodeURIComponent(begun)}`).catch(() => null);
    if (!response?.ok || this.begun !== begun) return;
    const { items } = await response.json();
    this.list.replaceChildren(...items.map(({ handle }, n) => {
      const item = document.createElement("li");
      item.id = `${this.list.id}-${n}`;
      item.setAttribute("role", "option");
      item.dataset.handle = handle;
      item.dir = "auto";
      item.textContent = handle;
      return item;
    }));
    this.list.hidden = !items.length;
    if (items.length) this.point(0);
    else this.close();
  }

  point(n) {
    const items = [...this.list.children];
    this.at = (n + items.length) % items.length;
    items.forEach((item, k) => item.setAttribute("aria-selected", String(k === this.at)));
    this.box.setAttribute("aria-activedescendant", items[this.at].id);
  }

  key(event) {
    if (this.list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.point(this.at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter" || event.key === "Tab") this.take(this.list.children[this.at].dataset.handle);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  take(handle) {
    const start = this.box.selectionStart - this.begun.length;
    this.box.setRangeText(`${handle} `, start, this.box.selectionStart, "end");
    this.close();
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }
}
