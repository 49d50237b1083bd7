// Quizzes: Check shows the verdict and every explanation. Answers stay in this browser.
"use strict";

// The block keeps these names out of other scripts' way.
{
  const prefix = "llm-foundations/quiz/";

  // Both calls throw where storage is switched off; answers then last as long as the page.
  function load(topic) {
    try {
      return { ...JSON.parse(localStorage.getItem(prefix + topic)) };
    } catch {
      return {};
    }
  }

  function save(topic, answers) {
    try {
      localStorage.setItem(prefix + topic, JSON.stringify(answers));
    } catch {}
  }

  function say(question, words) {
    question.querySelector("[role=status]").textContent = words;
  }

  function fold(question, open) {
    question.classList.toggle("quiz-answered", open);
    for (const why of question.querySelectorAll("details")) why.open = open;
  }

  function judge(question, chosen) {
    say(question, chosen.closest(".quiz-right") ? "Right." : "Wrong. The explanations say why.");
    fold(question, true);
  }

  function start(quiz) {
    const topic = quiz.dataset.quiz;
    const questions = [...quiz.querySelectorAll("fieldset")];
    const answers = load(topic);

    for (const question of questions) {
      const options = [...question.querySelectorAll("input")];
      // A browser may restore a choice by itself after a reload: what counts is what was checked.
      for (const option of options) option.checked = option.value === answers[question.id];
      const kept = options.find((option) => option.checked);
      if (kept) judge(question, kept);

      question.addEventListener("change", () => {
        say(question, "");
        fold(question, false);
      });
      question.querySelector("button").addEventListener("click", () => {
        const chosen = options.find((option) => option.checked);
        if (!chosen) return say(question, "Choose an answer first.");
        answers[question.id] = chosen.value;
        save(topic, answers);
        judge(question, chosen);
      });
    }

    quiz.querySelector(".quiz-clear").addEventListener("click", () => {
      for (const question of questions) {
        delete answers[question.id];
        for (const option of question.querySelectorAll("input")) option.checked = false;
        say(question, "");
        fold(question, false);
      }
      save(topic, answers);
    });
    for (const button of quiz.querySelectorAll("button")) button.hidden = false;
    quiz.classList.add("quiz-live");
  }

  document.querySelectorAll(".quiz").forEach(start);
}
