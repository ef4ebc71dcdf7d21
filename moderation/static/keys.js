// Keys of the console. Each is on a control that everybody sees (data-key); a key presses that control, in the row
// where one is, else on the page. Off for whoever switched them off, and never while somebody types.

const queue = document.querySelector("#queue");
const dialog = document.querySelector("dialog#keys");
const on = dialog?.dataset.keys === "on";
let at = -1;

function rows() {
  return [...document.querySelectorAll(queue ? "#queue [data-case]:not(.gone)" : "#case details.words")];
}

function show(index) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(all.length - 1, index));
  document.querySelectorAll(".at").forEach((row) => row.classList.remove("at"));
  all[at].classList.add("at");
  all[at].querySelector("a, summary").focus();
  all[at].scrollIntoView({ block: "nearest" });
}

function current() {
  const active = document.activeElement?.closest?.("[data-case], details.words");
  const found = rows().indexOf(active);
  return found >= 0 ? found : at;
}

function openRow() {
  const row = rows()[Math.max(current(), 0)];
  if (row?.tagName === "DETAILS") {
    row.open = !row.open;
    row.querySelector("summary").focus();
  } else row?.querySelector("a")?.click();
}

const seen = (control) => control.offsetParent !== null || control.tagName === "SUMMARY";

function control(key) {
  const all = (root) => [...(root?.querySelectorAll(`[data-key~="${CSS.escape(key)}"]`) ?? [])];
  const row = queue ? rows()[current()] : null;
  return all(row)[0] ?? (queue && key === "c" ? null : all(document).find(seen));
}

function press(found) {
  if (found.tagName === "TEXTAREA") {
    found.focus();
    found.scrollIntoView({ block: "center" });
  } else if (found.tagName === "SUMMARY") {
    found.parentElement.open = true;
    found.parentElement.querySelector("textarea, input:not([type=hidden]), select")?.focus();
  } else found.click();
}

function openList() {
  if (!dialog.open) dialog.showModal();
}

const moves = { j: () => show(current() + 1), k: () => show(Math.max(current(), 0) - 1), o: openRow, "?": openList };

function typing(target) {
  return target.isContentEditable || target.closest?.("input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select");
}

document.querySelector(".keys [data-key='?']")?.addEventListener("click", (event) => {
  event.preventDefault();
  openList();
});

if (on) {
  document.documentElement.dataset.keys = "ready";
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog.open || typing(event.target)) return;
    const move = moves[event.key];
    const found = move ? null : /^[a-z]$/.test(event.key) ? control(event.key) : null;
    if (!move && !found) return;
    event.preventDefault();
    if (move) move();
    else press(found);
  });
}
