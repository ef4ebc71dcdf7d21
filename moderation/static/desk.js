// The desk, live and by keyboard. Without scripts it is a page with links and forms.
// The stream carries ids and versions; the page itself is read again for everything else.

const queue = document.querySelector("#queue[data-live]");
const open = document.querySelector("#case");
const said = document.querySelector("#desk-said");
let at = -1;

// ---- live

let reading = false;
let again = false;

async function readQueue() {
  if (reading) { again = true; return; }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#queue");
    const active = document.activeElement?.closest?.("[data-case]")?.dataset.case;
    const before = new Set([...queue.querySelectorAll("[data-case]")].map((row) => row.dataset.case));
    queue.replaceChildren(...fresh.childNodes);
    const kept = active && queue.querySelector(`[data-case="${active}"]`);
    if (kept) { kept.querySelector("a")?.focus({ preventScroll: true }); show(rows().indexOf(kept)); }
    const added = rows().filter((row) => !before.has(row.dataset.case)).length;
    if (added && said) said.textContent = said.dataset.words?.replace("%d", added) ?? `${added} new`;
  } finally {
    reading = false;
    if (again) { again = false; readQueue(); }
  }
}

function noticeVersion(version) {
  if (version > Number(open.dataset.version)) open.querySelector(".changed").hidden = false;
}

// After a pause in listening anything may have happened: ask for the case's version itself.
async function askVersion() {
  const answer = await fetch(`/api/v1/moderation/cases/${open.dataset.case}`);
  if (answer.ok) noticeVersion((await answer.json()).version);
}

function changed(event) {
  if (queue) { readQueue(); return; }
  if (event.type !== "case") { askVersion(); return; }
  const { case: id, version } = JSON.parse(event.data);
  if (id === open.dataset.case) noticeVersion(version);
}

if (queue || open) {
  const stream = new EventSource("/api/v1/moderation/stream");
  stream.addEventListener("case", changed);
  stream.addEventListener("look", changed);
  stream.addEventListener("open", changed);
  addEventListener("pagehide", () => stream.close());
}

// ---- keys

const KEYS_OFF = "desk-keys-off";
const off = document.querySelector("[data-keys-off]");
if (off) {
  off.checked = localStorage.getItem(KEYS_OFF) === "1";
  off.addEventListener("change", () => (off.checked ? localStorage.setItem(KEYS_OFF, "1") : localStorage.removeItem(KEYS_OFF)));
}

function rows() {
  return [...document.querySelectorAll(queue ? "#queue [data-case]" : "#case details.words")];
}

function show(index) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(all.length - 1, index));
  all.forEach((row, n) => row.classList.toggle("at", n === at));
  all[at].querySelector("a, summary").focus();
  all[at].scrollIntoView({ block: "nearest" });
}

function claimForm() {
  if (open) return open.querySelector("form[data-claim]");
  return rows()[at]?.querySelector("form");
}

const acts = {
  j: () => show(at + 1),
  k: () => show(at - 1),
  o: () => {
    const row = rows()[Math.max(at, 0)];
    if (row?.tagName === "DETAILS") row.open = !row.open;
    else row?.querySelector("a")?.click();
  },
  c: () => claimForm()?.requestSubmit(),
  n: () => open?.querySelector("#f-text, #note")?.focus(),
  "?": () => {
    const keys = document.querySelector("details.keys");
    keys.open = !keys.open;
    keys.querySelector("summary").focus();
  },
};

document.addEventListener("keydown", (event) => {
  if (off?.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select")) return;
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.documentElement.dataset.keys = "ready"; // for whoever waits: tests, and styles
