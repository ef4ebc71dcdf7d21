// The hold on a case: five minutes, renewed while the page is open and used. Whoever stops using it is told before
// it ends and what happens then; nothing is renewed behind the back of somebody who has gone for a cup of tea.
import { say } from "./live.js";

const open = document.querySelector("#case[data-lease]");
const BEAT_MS = 45_000;
const IDLE_MS = 120_000;
const SAY_BEFORE_MS = 90_000;

if (open) {
  const box = open.querySelector(".hold");
  const [idle, over, taken] = ["idle", "over", "taken"].map((name) => box.querySelector(`[data-${name}]`));
  const [here, again] = [box.querySelector("[data-here]"), box.querySelector("[data-again]")];
  const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const words = idle.textContent;
  let until = Date.parse(open.dataset.lease);
  let used = Date.now();
  let ended = false;
  let timer = 0;

  const show = (part) => {
    if (box.hidden || part.hidden) say(part.textContent);
    for (const each of [idle, over, taken]) each.hidden = each !== part;
    here.hidden = part !== idle;
    again.hidden = part === idle;
    box.hidden = false;
  };

  const beat = async () => {
    const answer = await fetch(`/api/v1/moderation/cases/${open.dataset.case}/heartbeat`, {
      method: "POST",
      headers: { "x-csrf-token": token },
    }).catch(() => null); // the line is away: the next beat tries again, and the lease says when it is over
    if (!answer) return;
    if (answer.ok) {
      until = Date.parse((await answer.json()).lease_until);
      if (!ended) box.hidden = true;
    } else if (answer.status === 409 || answer.status === 404) {
      ended = true;
      show(Date.now() < until ? taken : over);
    }
  };

  const look = () => {
    if (ended) return;
    const now = Date.now();
    if (now >= until) { ended = true; show(over); return; }
    if (now - used < IDLE_MS && document.visibilityState === "visible") return;
    if (until - now < SAY_BEFORE_MS) {
      const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(until);
      idle.textContent = words.replace("<>", time);
      show(idle);
    }
  };

  const use = () => {
    const slept = Date.now() - used > IDLE_MS;
    used = Date.now();
    if (slept && !ended) beat();
  };
  for (const kind of ["keydown", "pointerdown", "input", "wheel", "touchmove"]) addEventListener(kind, use, { passive: true });
  here.addEventListener("click", () => { used = Date.now(); beat(); });
  setInterval(() => {
    timer += 1;
    if (!ended && Date.now() - used < IDLE_MS && timer * 5_000 >= BEAT_MS) { timer = 0; beat(); }
    look();
  }, 5_000);
}
