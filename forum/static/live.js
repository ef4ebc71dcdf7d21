// New answers while a thread is open, over the same socket as a room. A quiet line says how many; pressing it
// (or having it in view, with nothing half-written) puts them into the page. What is taken back goes from the
// screen at once. Without scripts or socket the page is as new as its last loading.

import { later } from "../community/later.js";

const place = document.querySelector("[data-live]");
const line = place.querySelector(".live-line");
const FINAL = new Set([4400, 4401, 4403, 4409]);
const TRIES_SECONDS = [1, 2, 4, 8, 15, 30];

const TAIL_CHARS = 8;
let seq = Number(place.dataset.seq);
let epoch;
let fresh = 0;
let tries = 0;
let inView = false;
let socket;

function say(text, withButton) {
  line.replaceChildren(document.createTextNode(text));
  if (withButton) {
    const show = document.createElement("button");
    show.type = "button";
    show.className = "button plain";
    show.textContent = place.dataset.show;
    show.addEventListener("click", () => refresh(true));
    line.append(show);
  }
  line.hidden = false;
}

function announce() {
  say(fresh === 1 ? place.dataset.one : place.dataset.many.replace("#", fresh), true);
}

// The server renders posts; this only exchanges them, so both ways of seeing a thread are the same.
async function refresh(moveThere) {
  const address = new URL(location.href);
  address.hash = "";
  if (moveThere && place.dataset.page !== place.dataset.pages) {
    location.href = `/threads/${place.dataset.thread}?page=9999`; // the newest stand on the last page
    return;
  }
  address.searchParams.set("part", "posts");
  const response = await fetch(address, { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const posts = page.getElementById("posts");
  const old = document.getElementById("posts");
  const known = new Set([...old.querySelectorAll(".post")].map((post) => post.id));
  const opened = new Set([...old.querySelectorAll(".post details[open]")].map((d) => d.closest(".post").id));
  for (const post of posts.querySelectorAll(".post")) {
    if (!known.has(post.id)) post.classList.add("fresh");
    if (opened.has(post.id)) post.querySelector("details.fold")?.setAttribute("open", "");
  }
  old.replaceWith(posts);
  fresh = 0;
  line.hidden = true;
  if (moveThere) posts.querySelector(".fresh:last-of-type")?.focus();
}

function gone(id, words) {
  const post = document.getElementById(`p-${id}`);
  if (!post) return;
  const said = document.createElement("p");
  said.className = "soft gone";
  said.textContent = words;
  for (const part of post.querySelectorAll(".words, .fold, .own-words, .reacted, .post-actions")) part.remove();
  post.append(said);
}

function changed(id, html) {
  const words = document.querySelector(`#p-${CSS.escape(id)} .words`);
  if (!words) return;
  const page = new DOMParser().parseFromString(html, "text/html"); // made and cleaned by the server
  words.replaceChildren(...page.body.childNodes);
}

async function retitle() {
  const response = await fetch(`/threads/${place.dataset.thread}`, { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const title = page.getElementById("title")?.textContent;
  const shown = document.getElementById("title");
  if (!title || title === shown.textContent) return;
  shown.textContent = title;
  document.querySelector(".crumbs [aria-current]").textContent = title;
  say(place.dataset.titled);
}

// ---- reactions: chosen in place, sent over the socket, counted as they are told

function react(frame) {
  const post = document.getElementById(`p-${frame.id}`);
  if (!post) return;
  let row = post.querySelector(".reacted");
  if (!row) {
    row = document.createElement("p");
    row.className = "reacted";
    post.querySelector(".post-actions").before(row);
  }
  let chip = [...row.children].find((one) => one.dataset.emoji === frame.emoji);
  if (!chip) {
    chip = document.createElement("span");
    chip.className = "reaction";
    Object.assign(chip.dataset, { emoji: frame.emoji, by: "" });
    chip.title = names.get(frame.emoji) ?? "";
    row.append(chip);
  }
  // Who, not how many: an event that the page knew already changes nothing.
  const by = new Set(chip.dataset.by.split(" ").filter(Boolean));
  const who = (frame.member ?? "").slice(-TAIL_CHARS);
  if (frame.on) by.add(who);
  else by.delete(who);
  const count = by.size;
  chip.dataset.by = [...by].join(" ");
  chip.textContent = `${frame.emoji} ${count}`;
  if (frame.member === place.dataset.me) chip.classList.toggle("mine", frame.on);
  if (!count) chip.remove();
  if (!row.children.length) row.remove();
}

const names = new Map(place.dataset.reactions.split("|").map((one) => one.split("=")));

document.getElementById("main").addEventListener("click", (event) => {
  const act = event.target.closest('[data-act="react"]');
  if (!act || socket?.readyState !== WebSocket.OPEN || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const post = act.closest(".post");
  const open = post.querySelector(".choices");
  if (open) return open.remove();
  const box = document.createElement("div");
  box.className = "choices";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", place.dataset.react);
  for (const [emoji, name] of names) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = emoji;
    button.title = name;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", () => {
      const mine = [...post.querySelectorAll(".reaction.mine")].some((chip) => chip.dataset.emoji === emoji);
      socket.send(JSON.stringify({ t: "react", id: post.id.slice(2), emoji, on: !mine }));
      box.remove();
      act.focus();
    });
    box.append(button);
  }
  box.addEventListener("keydown", (key) => {
    if (key.key !== "Escape") return;
    box.remove();
    act.focus();
  });
  act.closest(".post-actions").append(box);
  box.firstElementChild.focus();
});

function isWriting() {
  const box = document.querySelector("form[data-composer] textarea");
  return document.activeElement === box && box.value.trim() !== "";
}

function onEvent(frame) {
  seq = Math.max(seq, frame.seq);
  if (frame.t === "skip") return;
  switch (frame.kind) {
    case "message":
      if (document.getElementById(`p-${frame.id}`)) return;
      if (frame.author?.id === place.dataset.me) return void refresh(false); // from my other device
      fresh += 1;
      if (inView && !isWriting() && place.dataset.page === place.dataset.pages) refresh(false).then(() => sayNew());
      else announce();
      return;
    case "edit":
    case "mask":
      return changed(frame.id, frame.html);
    case "withdraw":
      return gone(frame.id, place.dataset.withdrawn);
    case "remove":
      return gone(frame.id, place.dataset.removed);
    case "react":
      return react(frame);
    case "notice":
      if (frame.notice === "thread_titled") return void retitle();
      if (frame.notice === "thread_locked") say(place.dataset.locked);
      if (frame.notice === "thread_unlocked") say(place.dataset.unlocked);
  }
}

function sayNew() {
  say(place.dataset.one);
  setTimeout(() => { if (!fresh) line.hidden = true; }, 6000);
}

function onFrame(frame) {
  if (frame.c && frame.c !== place.dataset.thread) return;
  switch (frame.t) {
    case "event":
    case "skip":
      return onEvent(frame);
    case "joined":
      place.dataset.joined = ""; // until then "React" is a way to a page
      tries = 0;
      epoch = frame.epoch;
      seq = Math.max(seq, frame.seq);
      return;
    case "resync":
      seq = frame.head;
      return void refresh(false);
    case "left":
      return say(frame.say);
  }
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/chat/socket`, "kith.v1");
  socket.addEventListener("open", () => {
    socket.send(JSON.stringify({ t: "join", c: place.dataset.thread, after: seq, ...(epoch ? { epoch } : {}) }));
  });
  socket.addEventListener("message", (event) => onFrame(JSON.parse(event.data)));
  socket.addEventListener("close", (event) => {
    delete place.dataset.joined;
    if (FINAL.has(event.code)) return;
    const seconds = TRIES_SECONDS[Math.min(tries, TRIES_SECONDS.length - 1)];
    tries += 1;
    if (tries === 3) say(place.dataset.away);
    setTimeout(connect, seconds * 1000 * (0.5 + Math.random()));
  });
}

new IntersectionObserver((seen) => { inView = seen.at(-1).isIntersecting; }, { rootMargin: "200px" }).observe(place);
later(connect);
