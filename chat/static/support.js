// The support card beside the words it answers: in place, never over them, and never for anyone else.
import { path, text, words } from "./lines.js";

const icons = document.getElementById("icons").content;
const icon = (name) => icons.querySelector(`[data-icon=${name}] svg`).cloneNode(true);

function button(href, label, mark, kind = "button quiet") {
  const made = text("a", label, kind);
  made.href = href;
  if (mark) made.prepend(icon(mark), " ");
  return made;
}

function line(entry) {
  const item = document.createElement("li");
  item.append(text("strong", entry.name), " ", text("span", entry.hours ?? "", "soft"));
  const ways = document.createElement("span");
  ways.className = "buttons";
  if (entry.phone) ways.append(button(`tel:${entry.phone.replaceAll(" ", "")}`, entry.phone, "phone"));
  if (entry.text) ways.append(button(`sms:${entry.text.replaceAll(" ", "")}`, words.text.replace("#", entry.text), "room"));
  if (entry.web?.startsWith("https://")) {
    const site = button(entry.web, words.website, "link");
    site.rel = "noreferrer noopener";
    ways.append(site);
  }
  item.append(ways);
  if (entry.text_note) item.append(text("span", entry.text_note, "hint"));
  return item;
}

/** `idOf()`: the message it answers, for putting the card away for good. */
export function supportCard(card, idOf) {
  const made = document.createElement("section");
  made.className = card.brief ? "support brief" : "support";
  made.setAttribute("role", "region");
  made.setAttribute("aria-label", words.helpTitle);
  made.tabIndex = -1;
  const [first, ...further] = card.say.map((sentence) => text("p", sentence));
  const title = text("h2", card.title, "support-title");
  title.prepend(icon("heart"), " ");
  made.append(title, first ?? "");
  // The number stands high: on a small phone it must be seen without looking for it.
  if (card.emergency) made.append(paragraph(button(`tel:${card.emergency}`, words.call.replace("#", card.emergency), "phone", "button")));
  made.append(...further);
  if (card.lines.length) {
    const list = document.createElement("ul");
    list.className = "support-lines";
    list.append(...card.lines.map(line));
    made.append(list);
  } else {
    made.append(paragraph(button("/help-now", words.helplines, "", "button")));
  }
  const when = card.read_at ? ` ${new Date(card.read_at).toLocaleString(document.documentElement.lang)}` : "";
  made.append(text("p", card.next + when), text("p", `${card.not_emergency} ${card.unchecked ? words.unchecked : ""}`, "hint"));
  const away = text("button", words.putAway, "button plain");
  away.type = "button";
  away.addEventListener("click", () => close(made, idOf?.(), card.topic));
  made.append(paragraph(away));
  return made;
}

/** A card that the page came with: its button is a form, which would load the page anew. */
export function putAway(event) {
  if (!event.target.action?.endsWith("/card")) return;
  event.preventDefault();
  event.stopPropagation();
  close(event.target.closest(".support"), event.target.action.match(/messages\/([^/]+)\/card/)?.[1], "");
}

/** Cards about abuse close without a trace: they never come back by themselves, so nothing is sent. */
function close(card, id, topic) {
  const line = card.closest(".line");
  card.remove();
  (line ?? document.getElementById("log")).focus();
  if (!id || topic === "abuse" || topic === "child") return;
  fetch(`${path}/messages/${id}/card`, {
    method: "POST", redirect: "manual", keepalive: true, // also for whoever leaves at once
    body: new URLSearchParams({ csrf: document.querySelector('meta[name="csrf-token"]').content }),
  }).catch(() => {});
}

function paragraph(child) {
  const made = document.createElement("p");
  made.append(child);
  return made;
}
