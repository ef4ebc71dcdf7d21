// "Is this for me?": one question at a time. What is answered lives in this page's memory alone: nothing is
// sent, stored or put into the address, and no field has a name. Without this the page is a list to read.

const list = document.querySelector("[data-check]");
const end = document.querySelector("[data-end]");
const words = list.dataset;
const questions = [...list.querySelectorAll("[data-question]")];
let at = 0;

function button(label, kind, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button ${kind}`;
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function answer(question, said) {
  for (const text of question.querySelectorAll(".answer")) text.hidden = text.dataset.for !== said;
  for (const one of question.querySelectorAll(".answers [aria-pressed]")) one.setAttribute("aria-pressed", String(one.dataset.said === said));
  question.querySelector(".onward").hidden = false;
}

function dress(question, n) {
  const count = document.createElement("p");
  count.className = "soft small";
  count.textContent = words.of.replace("%(n)s", n + 1).replace("%(all)s", questions.length);
  question.prepend(count);
  const choices = document.createElement("div");
  choices.className = "buttons answers";
  choices.setAttribute("role", "group");
  choices.setAttribute("aria-label", words.legend);
  for (const [said, label] of [["yes", words.yes], ["no", words.no], ["unsure", words.unsure]]) {
    // "Not sure" shows both answers' thoughts: who wavers is helped by either.
    const made = button(label, "quiet", () => {
      answer(question, said);
      if (said === "unsure") for (const text of question.querySelectorAll(".answer")) text.hidden = false;
    });
    made.dataset.said = said;
    made.setAttribute("aria-pressed", "false");
    choices.append(made);
  }
  question.querySelector(".asked").after(choices);
  const onward = document.createElement("div");
  onward.className = "buttons onward";
  onward.hidden = true;
  onward.append(button(words.next, "main", () => show(n + 1)));
  question.append(onward);
  if (n > 0) question.append(button(words.back, "plain", () => show(n - 1)));
  for (const text of question.querySelectorAll(".answer")) text.hidden = true;
  question.setAttribute("aria-live", "polite");
  question.tabIndex = -1;
}

function show(n, focus = true) {
  at = n;
  questions.forEach((question, m) => { question.hidden = m !== at; });
  end.hidden = at < questions.length;
  if (focus) (questions[at] ?? end).focus();
}

list.classList.add("live");
questions.forEach(dress);
end.append(button(words.again, "plain", () => {
  for (const question of questions) {
    for (const text of question.querySelectorAll(".answer")) text.hidden = true;
    for (const one of question.querySelectorAll("[aria-pressed]")) one.setAttribute("aria-pressed", "false");
    question.querySelector(".onward").hidden = true;
  }
  show(0);
}));
show(0, false);
