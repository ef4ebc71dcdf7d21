// The live room: what others say appears, what one says is sent, kept and shown with its fate in words.
// Without this the same page works by forms and loading anew.
import { Line, newNonce } from "./socket.js";
import { Acts } from "./acts.js";
import { byId, fill, make, name, react, room, takeBack, text, words } from "./lines.js";
import { Composer } from "./composer.js";
import { putAway, supportCard } from "./support.js";
import { Meeting } from "./meeting.js";
import { Reading } from "./reading.js";
import { Stretch } from "./stretch.js";

const c = room.dataset.room;
const log = document.getElementById("log");
const list = document.querySelector("#log > .lines");
const pendingList = document.getElementById("pending");
const status = document.getElementById("status");
const pending = new Map(); // nonce -> {line, frame}: said, and not yet both acknowledged and heard
const recent = []; // what was said and done lately, for lines that are still on their way here
const RECENT_MAX = 300;
let seq = Number(room.dataset.head);
let epoch = room.dataset.epoch;
let wasAway = false;

// ---- what is heard

function onMessage(frame) {
  document.getElementById("empty")?.remove();
  const known = byId(frame.id);
  if (known && known.parentElement === list) return fill(known, frame);
  known?.remove(); // one's own, on its way until now; or held, and released
  const line = make(frame);
  reading.around(line, () => stretch.place(line));
  const card = known?.querySelector(".support");
  if (card) {
    line.append(card);
    reading.show(card);
  }
}

function onEvent(frame) {
  if (frame.seq <= seq) return;
  seq = frame.seq;
  if (frame.t === "skip") return;
  if (frame.kind === "notice") return onNotice(frame.notice);
  recent.push(frame);
  if (recent.length > RECENT_MAX) recent.shift();
  if (frame.kind === "message") onMessage(frame);
  else change(frame);
}

/** What happened to a message that was said before; the same event twice is once. */
function change(frame) {
  const line = byId(frame.id);
  if (!line) return;
  switch (frame.kind) {
    case "edit":
    case "mask":
      return fill(line, { ...frame, edited_at: frame.at });
    case "withdraw":
      return takeBack(line, words.withdrawn);
    case "remove":
      return takeBack(line, words.removed);
    case "react":
      return react(line, frame);
  }
}

/** Lines were read up to `head` while the talk went on: what was said and what happened since comes as well. */
function catchUp(head) {
  for (const frame of recent.filter((one) => one.seq > head)) {
    if (frame.kind !== "message") change(frame);
    else if (stretch.isAtHead && !byId(frame.id)) onMessage(frame);
  }
}

async function loadAnew() {
  await stretch.toHead();
  reading.toEnd();
}

/** A notice of the house in the log: somebody opened or closed the room for writing. */
function onNotice(notice) {
  if (notice === "facilitator_gone" || notice === "facilitator_here") open(notice === "facilitator_here");
  if (notice === "pairing_ended") open(false);
}

function open(isOpen) {
  const later = document.getElementById("closed-later");
  if (!composer.form || !later) return;
  room.toggleAttribute("data-may-write", isOpen);
  composer.form.hidden = !isOpen;
  later.hidden = isOpen;
  say(isOpen ? words.opened : words.closed);
}

function onFrame(frame) {
  if (frame.c && frame.c !== c) return;
  switch (frame.t) {
    case "event":
    case "skip":
      return onEvent(frame);
    case "joined":
      seq = Math.max(seq, frame.seq);
      epoch = frame.epoch;
      return;
    case "resync":
      seq = frame.head;
      return void loadAnew();
    case "ack":
      return onAck(frame);
    case "nack":
      return onNack(frame);
    case "support":
      return onSupport(frame);
    case "notice":
    case "left":
      return say(frame.say);
    case "typing":
      return reading.types(frame.member);
    case "presence":
      return reading.presence(frame);
    case "room":
      return meeting.stir();
  }
}

// ---- what one says

function fate(line, sentence) {
  line.querySelector(".fate")?.remove();
  if (sentence) line.querySelector(".content").append(text("p", sentence, "fate"));
}

function send(frame) {
  const one = pending.get(frame.nonce);
  const isGone = house.send(frame);
  if (one?.line) fate(one.line, isGone ? words.sending : words.waits);
}

function onSend(frame) {
  let made = null;
  if (frame.t === "send") {
    document.getElementById("empty")?.remove();
    made = make({ ...frame, id: undefined, at: new Date().toISOString(), html: "", author: { id: room.dataset.me, handle: room.dataset.handle } });
    made.classList.add("waiting");
    const said = made.querySelector(".words");
    said.append(...frame.body.split("\n").flatMap((part, n) => (n ? [document.createElement("br"), part] : [part])));
    pendingList.append(made);
    reading.toLatest();
  }
  pending.set(frame.nonce, { line: made, frame });
  send(frame);
}

function onAck(frame) {
  const one = pending.get(frame.nonce);
  if (!one) return;
  pending.delete(frame.nonce);
  const made = one.line ?? byId(frame.id);
  lastAnswered = byId(frame.id) ?? made; // where a card, which comes next, belongs
  if (one.line) {
    if (byId(frame.id)) one.line.remove();
    else settle(one.line, frame);
  }
  if (frame.outcome === "hold") say(words.held);
  else if (frame.masked) say(words.masked);
  else if (frame.help) say(words.quietHelp);
  else say("");
}

function settle(made, frame) {
  made.classList.remove("waiting");
  name(made, frame.id);
  fate(made, frame.outcome === "hold" ? words.held : "");
}

function onNack(frame) {
  const one = pending.get(frame.nonce);
  if (!one) return say(frame.say);
  if (["too_fast", "unavailable", "internal"].includes(frame.code)) {
    const seconds = Math.max(1, Math.ceil(frame.retry_after ?? 2));
    const isSlow = meeting.state.slow > 0 && frame.code === "too_fast";
    const sentence = isSlow ? words.slowly : frame.code === "too_fast" ? words.slow : words.waits;
    countDown(frame.nonce, sentence, seconds);
    return say(sentence.replace("#", seconds));
  }
  if (frame.code === "conflict" && one.frame.t === "send") {
    // The draft's nonce was sent from another window, with other words: these are a message of their own.
    pending.delete(frame.nonce);
    one.frame.nonce = newNonce();
    pending.set(one.frame.nonce, one);
    return send(one.frame);
  }
  pending.delete(frame.nonce);
  one.line?.remove();
  composer.giveBack(one.frame, frame);
  lastAnswered = null;
  say(one.frame.body === undefined ? frame.say : words.notSent);
}

/** The seconds until a waiting message goes out by itself: seen, but not said aloud one by one. */
function countDown(nonce, sentence, seconds) {
  const one = pending.get(nonce);
  if (!one) return;
  const isFirst = pending.keys().next().value === nonce; // words keep their order, also while they wait
  if (seconds <= 0 && isFirst) return send(one.frame);
  if (one.line) {
    const shown = one.line.querySelector(".fate");
    if (shown?.dataset.counts) shown.textContent = sentence.replace("#", Math.max(1, seconds));
    else {
      fate(one.line, sentence.replace("#", seconds));
      const made = one.line.querySelector(".fate");
      made.dataset.counts = "yes";
      made.setAttribute("aria-hidden", "true"); // it was said once, in the status line
    }
  }
  setTimeout(() => countDown(nonce, sentence, seconds - 1), 1000);
}

let lastAnswered = null;

function onSupport(frame) {
  const card = supportCard(frame.card, () => lastAnswered?.id.slice(2));
  for (const old of document.querySelectorAll(".support")) old.remove(); // one at a time: the newest is true
  if (lastAnswered?.isConnected) {
    lastAnswered.append(card);
  } else {
    document.getElementById("mend").append(card);
  }
  reading.show(card);
}

function say(sentence) {
  status.textContent = sentence;
}

// ---- the line

function onOpen() {
  house.send({ t: "join", c, after: seq, epoch });
  for (const { frame } of pending.values()) send(frame); // the same nonces: nothing is said twice
}

function onState(state) {
  if (state === "open") {
    if (wasAway) say(words.back);
    if (wasAway) meeting.stir();
    wasAway = false;
  } else if (state === "away") {
    wasAway = true;
    reading.forget();
    for (const one of pending.values()) if (one.line) fate(one.line, words.waits);
    if (house.tries !== 1) say(words.reconnecting);
  } else {
    say(words[state]);
    if (state === "signedOut") setTimeout(() => { location.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`; }, 3000);
  }
}

// ---- acts on lines

function tell(frame) {
  if (!house.send(frame)) say(words.reconnecting);
}

function onAct(act, line) {
  if (act === "reply") composer.answer(line);
  else if (act === "edit") composer.change(line);
  else if (confirm(words.confirm)) tell({ t: "withdraw", id: line.id.slice(2), nonce: newNonce() });
}

// What waits to be sent is in this page's memory alone: whoever leaves is told, but never held up by "Leave".
addEventListener("beforeunload", (event) => {
  if (document.body && [...pending.values()].some((one) => one.line)) event.preventDefault();
});

log.addEventListener("submit", (event) => putAway(event));

const stretch = new Stretch({ log, list, onCame: catchUp, onChange: () => reading.settleIfAtEnd() });
const reading = new Reading({ log, stretch, onRead: () => house.send({ t: "read", c, seq }) });
const composer = new Composer({
  form: document.getElementById("composer"),
  room: c,
  onSend,
  onTyping: () => house.send({ t: "typing", c }),
});
const meeting = new Meeting({ place: document.getElementById("meeting"), room: c, onSend });
new Acts({ log, onAct, onReact: (line, emoji, on) => tell({ t: "react", id: line.id.slice(2), emoji, on }) });
const house = new Line({ onOpen, onFrame, onState });
reading.begin();
