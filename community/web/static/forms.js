// Small kindnesses of forms: go to what needs mending, ask before what can't be undone, send once,
// and a word before contact details go out to others.
import { findContact } from "./nudge.js";

document.querySelector("[data-focus]")?.focus();

const saved = new WeakSet();

function showNudge(form, box, found) {
  const note = document.createElement("div");
  note.className = "notice amber";
  note.setAttribute("role", "alert");
  const said = document.createElement("p");
  said.textContent = form.dataset.nudge ||
    "This looks like a phone number or an e-mail address. People you don't know could read it.";
  const fix = document.createElement("button");
  fix.type = "button";
  fix.className = "button quiet";
  fix.textContent = form.dataset.nudgeFix || "Take it out";
  fix.addEventListener("click", () => {
    for (const text of found) box.value = box.value.replace(text, "[…]");
    note.remove();
    box.focus();
  });
  const rest = document.createElement("p");
  rest.textContent = form.dataset.nudgeRest || "Or send it again as it is.";
  note.append(said, fix, rest);
  (box.closest(".field") ?? box).after(note);
  fix.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.confirm && !confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if (form.hasAttribute("data-nudge") && !saved.has(form)) {
    for (const box of form.querySelectorAll("textarea, input[type=text]")) {
      const found = findContact(box.value);
      if (found.length) {
        event.preventDefault();
        saved.add(form); // once, then it is theirs to decide
        showNudge(form, box, found);
        return;
      }
    }
  }
  // Sent once: a second tap on a slow line doesn't send again. The server would notice too.
  if (form.method === "post" && !form.hasAttribute("data-many")) {
    queueMicrotask(() => {
      if (event.defaultPrevented) return;
      for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
      form.dataset.sent = "";
    });
    if ("sent" in form.dataset) event.preventDefault();
  }
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

// So that times read right from the first page: the browser's own zone, sent with the sign-up form.
for (const field of document.querySelectorAll("input[data-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
