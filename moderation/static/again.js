// "Load it again" with half a letter written: what is new comes in around the words, and none of them is lost.
// Without any, the link just loads the page.
import { refresh } from "./clocks.js";
import { say } from "./live.js";

const open = document.querySelector("#case");

function written() {
  return [...open.querySelectorAll("textarea")].filter((box) => box.value.trim() && box.value !== box.defaultValue);
}

async function reload(link) {
  const answer = await fetch(link.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#case");
  const kept = written().map((box) => [box.id, box.value]);
  // A box that is gone (somebody closed the case): leave the page as it is, with the words on it.
  if (!fresh || kept.some(([id]) => !fresh.querySelector(`#${CSS.escape(id)}`))) return;
  const [hold, made] = [open, fresh].map((root) => root.querySelector(".hold"));
  if (hold && made) made.replaceWith(hold);
  const active = document.activeElement?.id;
  const opened = [...open.querySelectorAll("details[open][id]")].map((part) => part.id);
  Object.assign(open.dataset, fresh.dataset);
  open.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
  const aside = [document, page].map((root) => root.querySelector(".frame > aside"));
  if (aside[0] && aside[1]) aside[0].replaceChildren(...[...aside[1].childNodes].map((node) => document.adoptNode(node)));
  for (const [id, words] of kept) document.getElementById(id).value = words;
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (active) document.getElementById(active)?.focus();
  refresh(open);
  say(open.querySelector("#next span").textContent.trim());
}

open?.addEventListener("click", (event) => {
  const link = event.target.closest?.(".changed a, .hold [data-again]");
  if (!link || event.ctrlKey || event.metaKey || !written().length) return;
  event.preventDefault();
  reload(link);
});
