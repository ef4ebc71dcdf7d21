// The box where people write: drafts kept on the server as they type, a preview without leaving the page.
// Without scripts the same buttons send the form and the server answers with a page.

import { Names } from "../community/names.js";

const PAUSE_MS = 1500;
const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

async function call(method, path, body, keepalive = false) {
  const response = await fetch("/api/v1" + path, {
    method,
    keepalive,
    headers: { "content-type": "application/json", "x-csrf-token": token },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.status === 204 ? null : response.json();
}

function keepDrafts(form) {
  const body = form.elements.body;
  const title = form.elements.title;
  const state = form.querySelector("[data-draft-state]");
  // With the nonce it will be sent with: a save that arrives after the sending keeps nothing.
  const text = () => ({ body: body.value, nonce: form.elements.nonce.value, ...(title ? { title: title.value } : {}) });
  let kept = JSON.stringify(text());
  let timer = 0;

  async function keep(keepalive = false) {
    clearTimeout(timer);
    timer = 0;
    const now = JSON.stringify(text());
    if (now === kept || "sent" in form.dataset) return;
    try {
      await call("PUT", `/drafts/${form.dataset.draft}`, JSON.parse(now), keepalive);
      kept = now;
      if (state) state.textContent = form.dataset.kept;
    } catch {
      if (state) state.textContent = form.dataset.notKept;
    }
  }

  form.addEventListener("input", (event) => {
    if (event.target !== body && event.target !== title) return;
    if (state) state.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE_MS);
  });
  // A tab that goes to sleep may never wake: keep what is there now.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && timer) keep(true);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}

function previews(form) {
  const place = form.querySelector("[data-preview]");
  if (!place) return;
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.value !== "preview") return;
    event.preventDefault();
    const text = form.elements.body.value;
    if (!text.trim()) return;
    try {
      const { html } = await call("POST", "/previews", { body: text });
      const page = new DOMParser().parseFromString(html, "text/html");
      place.querySelector(".words").replaceChildren(...page.body.childNodes);
      place.hidden = false;
    } catch {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "action";
      field.value = "preview";
      form.append(field);
      form.submit(); // the server shows the same preview, or says what is wrong
    }
  });
}

for (const form of document.querySelectorAll("form[data-composer]")) {
  if (form.dataset.draft) keepDrafts(form);
  if (form.dataset.conversation) new Names(form.elements.body, form.dataset.conversation);
  else if (form.dataset.board) new Names(form.elements.body, "", `/boards/${form.dataset.board}`);
  previews(form);
}
