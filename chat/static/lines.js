// Lines of the room made from frames, with the markup of templates/parts.html. HTML comes from the server,
// where it was rendered and cleaned; everything else goes in as text.
import { avatar } from "../community/avatar.js";
import { refresh } from "../community/times.js";
import { sentences, sight } from "../community/veil.js";

const GROUPED_MS = 5 * 60_000;
const TAIL_CHARS = 8;

export const room = document.getElementById("room");
export const path = room.dataset.place; // the path of its page: /rooms/… or /pairings/…
export const words = document.getElementById("sentences").dataset;
const template = document.getElementById("line-template").content.firstElementChild;
const me = room.dataset.me;
const muted = new Set(room.dataset.muted.split(" ").filter(Boolean));
let days; // made when the first line needs it: loading a language's words takes an old phone a moment

export function text(tag, content, className = "") {
  const made = document.createElement(tag);
  made.textContent = content;
  if (className) made.className = className;
  return made;
}

export function fromHtml(html) {
  return [...new DOMParser().parseFromString(html, "text/html").body.childNodes];
}

export const byId = (id) => document.getElementById(`m-${id}`);

function fold(title, ...content) {
  const made = document.createElement("details");
  made.className = "fold";
  const body = document.createElement("div");
  body.className = "fold-body";
  body.append(...content);
  made.append(text("summary", title), body);
  return made;
}

function spoken(frame) {
  const said = document.createElement("div");
  said.className = "words";
  said.dir = "auto";
  said.append(...fromHtml(frame.html));
  return said;
}

function content(frame, author) {
  const own = author === me;
  if (frame.state === "withdrawn") return [text("p", words.withdrawn, "gone soft")];
  if (frame.state === "removed") return [text("p", words.removed, "gone soft")];
  if (muted.has(author)) return [fold(words.muted, spoken(frame))];
  const stands = own ? "open" : sight(frame.body ?? "", frame.warnings);
  const warned = frame.warnings?.join(", ");
  if (stands === "hidden") return [text("p", `${sentences.hidden} ${warned}`, "gone soft")];
  const parts = stands === "open" ? [spoken(frame)]
    : [fold(stands === "word" ? sentences.word : `${words.warning} ${warned}`, spoken(frame))];
  if (frame.own_body) {
    const theirs = text("div", frame.own_body, "own-words");
    theirs.dir = "auto";
    parts.push(fold(words.own, text("p", words.masked, "hint"), theirs));
  }
  return parts;
}

/** A line for a message frame, or for words of one's own on their way (`frame.id` undefined). */
export function make(frame) {
  const line = template.cloneNode(true);
  const author = frame.author.id;
  line.classList.toggle("own", author === me);
  if (frame.seq) line.dataset.seq = frame.seq;
  if (author) line.dataset.author = author;
  line.querySelector(".face").append(avatar(frame.author.handle));
  line.querySelector(".handle").textContent = frame.author.handle ?? words.left;
  line.querySelector("time").dateTime = frame.at;
  quote(line, frame.reply_to);
  if (frame.id) name(line, frame.id);
  fill(line, frame);
  return line;
}

/** Give a line its message's id: where it can be pointed at and what can be done with it. */
export function name(line, id) {
  line.id = `m-${id}`;
  for (const link of line.querySelectorAll(".by a")) link.href = `${path}/messages/${id}`;
}

/** Put the present words of a message into its line. */
export function fill(line, frame) {
  line.dataset.state = frame.state ?? "visible";
  if (frame.seq && !line.dataset.seq) line.dataset.seq = frame.seq;
  line.querySelector(".content").replaceChildren(...content(frame, line.dataset.author));
  line.classList.toggle("names-me", isNamed(frame.body ?? ""));
  if (line.dataset.author === me) line.dataset.body = frame.own_body ?? frame.body;
  const there = !["withdrawn", "removed"].includes(line.dataset.state);
  line.querySelector(".edited")?.remove();
  if (frame.edited_at && there) line.querySelector(".by").append(text("span", words.edited, "edited soft small"));
  refresh(line);
}

/** Whether somebody says "@handle" to the one who reads; the server marks its lines by the same rule. */
function isNamed(body) {
  const mine = room.dataset.handle.toLowerCase();
  return [...body.matchAll(/(?<![\p{L}\p{N}_.@-])@([\p{L}\p{N}_][\p{L}\p{N}_.-]{1,31})/gu)]
    .some(([, said]) => [said.toLowerCase(), said.toLowerCase().replace(/[._-]+$/, "")].includes(mine));
}

export function takeBack(line, sentence) {
  line.dataset.state = "withdrawn";
  line.querySelector(".content").replaceChildren(text("p", sentence, "gone soft"));
  line.querySelector(".acts-of")?.remove();
  line.classList.remove("names-me");
  line.querySelector(".reacted")?.setAttribute("hidden", "");
  delete line.dataset.body;
  // A quote is a reference: it goes when the quoted words go.
  for (const quoted of document.querySelectorAll(`a.quoted[href$="#${CSS.escape(line.id)}"] span`)) {
    quoted.textContent = words.takenBack;
  }
}

function quote(line, id) {
  if (!id) return;
  const quoted = line.querySelector(".quoted");
  const from = byId(id);
  quoted.hidden = false;
  quoted.href = `${path}?at=${id}#m-${id}`;
  quoted.querySelector("strong").textContent = from?.querySelector(".handle").textContent ?? "";
  quoted.querySelector("span").textContent = from?.querySelector(".content .words")?.textContent.trim().slice(0, 90) ?? "…";
}

export function react(line, frame) {
  const place = line.querySelector(".reacted") ?? line.querySelector(".content").parentElement.appendChild(text("p", "", "reacted"));
  let chip = [...place.children].find((one) => one.dataset.emoji === frame.emoji);
  if (!chip) {
    chip = text("button", "", "reaction");
    chip.type = "button";
    Object.assign(chip.dataset, { emoji: frame.emoji, by: "" });
    place.append(chip);
  }
  // Who, not how many: an event that the page knew already changes nothing.
  const by = new Set(chip.dataset.by.split(" ").filter(Boolean));
  const who = (frame.member ?? "").slice(-TAIL_CHARS);
  if (frame.on) by.add(who);
  else by.delete(who);
  const count = by.size;
  chip.dataset.by = [...by].join(" ");
  chip.textContent = `${frame.emoji} ${count}`;
  if (frame.member === me) chip.classList.toggle("mine", frame.on);
  if (!count) chip.remove();
  place.hidden = !place.children.length;
}

function divider(day) {
  const made = document.createElement("li");
  made.className = "day";
  made.append(text("time", day));
  return made;
}

function dayOf(at) {
  days ??= new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: room.dataset.zone });
  return days.format(at);
}

const saidAt = (line) => new Date(line.querySelector(".by time").dateTime);

/** Day and group of a line, by the one before it: for one that came, or whose neighbour did or went. */
export function arrange(line) {
  let before = line.previousElementSibling;
  let first = line; // what stands between two lines belongs to the second
  while (before && !before.classList.contains("line")) {
    const between = before;
    before = before.previousElementSibling;
    if (between.classList.contains("day")) between.remove();
    else first = between;
  }
  const at = saidAt(line);
  const startsDay = !before || dayOf(saidAt(before)) !== dayOf(at);
  if (startsDay) first.before(divider(dayOf(at)));
  const apart = !before || at - saidAt(before) > GROUPED_MS;
  const answers = line.querySelector(".quoted")?.hidden === false;
  const grouped = !startsDay && !apart && first === line && !answers && !!line.dataset.author && before.dataset.author === line.dataset.author;
  line.classList.toggle("grouped", grouped);
  const face = line.querySelector(".face");
  if (!grouped && !face.firstElementChild) face.append(avatar(line.querySelector(".handle").textContent));
}
