// Quizzes: two tries for each question, points, and explanations. Answers stay in this browser.
"use strict";

// The block keeps these names out of other scripts' way.
{
  const prefix = "llm-foundations/";

  // Both calls throw where storage is switched off; answers then last as long as the page.
  function load(topic) {
    try {
      return { ...JSON.parse(localStorage.getItem(`${prefix}quiz/${topic}`)) };
    } catch {
      return {};
    }
  }

  function save(key, value) {
    try {
      localStorage.setItem(prefix + key, JSON.stringify(value));
    } catch {}
  }

  function focusOn(element) {
    element.tabIndex = -1;
    element.focus();
  }

  function say(question, words) {
    question.querySelector("[role=status]").textContent = words;
  }

  function rightOf(question) {
    return question.querySelector(".quiz-right input").value;
  }

  // One try more after a wrong answer, for half a point; so the first miss shows why that option is wrong, and no more.
  const TRIES = 2;

  function points(question, tries) {
    const place = tries.indexOf(rightOf(question));
    return place < 0 ? 0 : 1 / (place + 1);
  }

  function over(question, tries) {
    return tries.length >= TRIES || tries.includes(rightOf(question));
  }

  function show(question, tries) {
    const finished = over(question, tries);
    question.classList.toggle("quiz-answered", finished);
    for (const option of question.querySelectorAll(".quiz-option")) {
      const { value } = option.querySelector("input");
      const tried = tries.includes(value);
      option.classList.toggle("quiz-tried", tried);
      option.querySelector("details").open = finished || tried;
      option.querySelector("input").disabled = finished || tried;
    }
    question.querySelector("button").disabled = finished;
    if (!tries.length) say(question, "");
    else if (!finished) say(question, "Wrong. One more try, for half a point.");
    else if (!tries.includes(rightOf(question))) say(question, "Wrong again. The explanations say why. No point.");
    else say(question, tries.length === 1 ? "Right. 1 point." : "Right, at the second try. ½ point.");
  }

  // 2.5 as 2½
  function halves(number) {
    return `${Math.floor(number) || (number % 1 ? "" : 0)}${number % 1 ? "½" : ""}`;
  }

  function start(quiz) {
    const topic = quiz.dataset.quiz;
    const questions = [...quiz.querySelectorAll("fieldset")];
    const kept = load(topic);
    const tries = new Map();
    const total = document.createElement("p");
    total.className = "quiz-score";
    total.setAttribute("role", "status");

    function sum() {
      const answered = questions.filter((question) => over(question, tries.get(question)));
      const score = questions.reduce((all, question) => all + points(question, tries.get(question)), 0);
      total.textContent = `${answered.length} of ${questions.length} questions answered, ` +
        `${halves(score)} ${score <= 1 && score > 0 ? "point" : "points"}.`;
      save(`score/${topic}`, answered.length ? { score: halves(score), of: questions.length } : {});
      dispatchEvent(new Event("course-progress"));
    }

    for (const question of questions) {
      const options = [...question.querySelectorAll("input")];
      const known = new Set(options.map((option) => option.value));
      const before = Array.isArray(kept[question.id]) ? kept[question.id].filter((value) => known.has(value)) : [];
      tries.set(question, before.slice(0, TRIES));
      // A browser may restore a choice by itself after a reload: what counts is what was checked.
      for (const option of options) option.checked = option.value === before.at(-1);
      show(question, tries.get(question));

      question.querySelector("button").addEventListener("click", () => {
        const chosen = options.find((option) => option.checked);
        if (!chosen) return say(question, "Choose an answer first.");
        if (tries.get(question).includes(chosen.value)) return say(question, "Choose another answer.");
        tries.get(question).push(chosen.value);
        kept[question.id] = tries.get(question);
        save(`quiz/${topic}`, kept);
        show(question, tries.get(question));
        sum();
        // A disabled button would drop the keyboard's place.
        if (over(question, tries.get(question))) focusOn(question.querySelector("[role=status]"));
      });
    }

    quiz.querySelector(".quiz-clear").addEventListener("click", () => {
      for (const question of questions) {
        delete kept[question.id];
        tries.set(question, []);
        for (const option of question.querySelectorAll("input")) option.checked = false;
        show(question, []);
      }
      save(`quiz/${topic}`, kept);
      sum();
    });
    for (const button of quiz.querySelectorAll("button")) button.hidden = false;
    quiz.querySelector(".quiz-clear").before(total);
    quiz.classList.add("quiz-live");
    sum();
  }

  document.querySelectorAll(".quiz").forEach(start);
}
