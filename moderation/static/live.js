// Live lists and cases. The stream carries ids and versions; the page itself is read again for everything else.
// What somebody is reading doesn't move: rows keep their places, what is new waits behind a button and is said
// politely. Only a list that nobody is in is put in order at once.
import { later } from "../community/later.js";
import { refresh } from "./clocks.js";

const queue = document.querySelector("#queue[data-live]");
const open = document.querySelector("#case");
const news = document.querySelector(".news");
const said = document.querySelector("#desk-said");

const SAID_MAX = 4;

/** Said once, each by itself: what comes right after must not take the words away before they were heard. */
export function say(words) {
  if (!said) return;
  const line = document.createElement("p");
  line.textContent = words;
  said.append(line);
  while (said.children.length > SAID_MAX) said.firstElementChild.remove();
}

// ---- who asks for me

function placeAsked(page) {
  const [asks, here] = [page, document].map((root) => root.querySelector("#asked"));
  if (!asks || !here || here.contains(document.activeElement)) return;
  const known = new Set([...here.children].map((one) => one.dataset.asked));
  here.replaceChildren(...[...asks.childNodes].map((node) => document.importNode(node, true)));
  const fresh = [...here.children].find((one) => !known.has(one.dataset.asked));
  if (fresh) say(fresh.querySelector("p").textContent.trim());
}

// The list of keys is the console's smallest page: reading it opens nobody's case.
let asking = 0;
function readAsked() {
  clearTimeout(asking);
  asking = setTimeout(async () => {
    const answer = await fetch("/moderation/keys", { headers: { accept: "text/html" } });
    if (answer.ok) placeAsked(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }, 1_500);
}

// ---- the queue

let reading = false;
let again = false;
let waiting = null;

const ids = (root) => new Map([...root.querySelectorAll("[data-case]")].map((row) => [row.dataset.case, row]));

function inUse() {
  return queue.contains(document.activeElement) || queue.matches(":hover") || scrollY > 40 || queue.querySelector(".at");
}

function place(fresh) {
  queue.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  waiting = null;
  news.hidden = true;
  refresh(queue);
}

// Words and clocks of rows that stay, where they stand.
function renew(row, fresh) {
  for (const part of [".about", ".state"]) {
    const [old, made] = [row.querySelector(part), fresh.querySelector(part)];
    if (old && made && old.innerHTML !== made.innerHTML) old.replaceChildren(...document.importNode(made, true).childNodes);
  }
  row.dataset.version = fresh.dataset.version;
}

function hold(fresh) {
  const [old, made] = [ids(queue), ids(fresh)];
  let count = 0;
  for (const [id, row] of old) {
    const now = made.get(id);
    if (now && now.dataset.tier === row.dataset.tier) renew(row, now);
    else {
      count += 1;
      row.classList.add("gone");
      const state = row.querySelector(".state");
      if (!now && state) state.textContent = queue.dataset.gone;
    }
  }
  const added = [...made.keys()].filter((id) => !old.has(id));
  count += added.length;
  refresh(queue);
  if (!count) return;
  waiting = fresh;
  const label = news.querySelector("[data-one]");
  label.textContent = label.dataset.one.replace("%d", count);
  news.classList.toggle("urgent", added.some((id) => made.get(id).dataset.tier === "crisis"));
  news.hidden = false;
}

async function readQueue() {
  if (reading) { again = true; return; }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#queue");
    const before = ids(queue);
    const added = [...ids(fresh).keys()].filter((id) => !before.has(id)).length;
    if (inUse()) hold(fresh);
    else place(fresh);
    for (const count of document.querySelectorAll("[data-count]")) {
      const now = page.querySelector(`[data-count="${count.dataset.count}"]`);
      if (now) count.textContent = now.textContent;
    }
    placeAsked(page);
    if (added) say(queue.dataset.said.replace("%d", added));
  } finally {
    reading = false;
    if (again) { again = false; readQueue(); }
  }
}

news?.querySelector("button")?.addEventListener("click", () => {
  if (waiting) place(waiting);
  queue.querySelector(".case-link")?.focus();
});

// ---- one case

function noticeVersion(version) {
  const changed = open.querySelector(".changed");
  if (version <= Number(open.dataset.version) || !changed.hidden) return;
  changed.hidden = false;
  say(changed.querySelector("p").firstChild.textContent.trim());
}

// After a pause in listening anything may have happened: ask for the case's version itself.
async function askVersion() {
  const answer = await fetch(`/api/v1/moderation/cases/${open.dataset.case}`);
  if (answer.ok) noticeVersion((await answer.json()).version);
}

function changed(event) {
  if (queue) { readQueue(); return; }
  if (event.type !== "case") { if (event.type === "look") askVersion(); return; }
  const { case: id, version } = JSON.parse(event.data);
  if (id === open.dataset.case) noticeVersion(version);
  else readAsked();
}

function listen() {
  let heard = false;
  const stream = new EventSource("/api/v1/moderation/stream");
  stream.addEventListener("case", changed);
  stream.addEventListener("look", changed);
  stream.addEventListener("open", () => {
    if (queue) readQueue();
    else if (heard) askVersion();
    heard = true;
  });
  addEventListener("pagehide", () => stream.close());
}

if (queue || open) later(listen); // the page can be used before
