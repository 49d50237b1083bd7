// For the reader: where one stopped, what is done, meanings on hover and focus, a command copied. All of it stays in this
// browser, and without this script the pages only lack it.
"use strict";

{
  const prefix = "llm-foundations/";
  // A constant of the theme's script, which window does not have.
  const here = typeof DOCUMENTATION_OPTIONS === "undefined" ? "" : DOCUMENTATION_OPTIONS.pagename;
  const root = document.documentElement.dataset.content_root || "./";
  const lesson = /^(book\/\d\d_|labs\/)/;

  // Both calls throw where storage is switched off; the page then forgets.
  function load(key) {
    try {
      return { ...JSON.parse(localStorage.getItem(prefix + key)) };
    } catch {
      return {};
    }
  }

  function save(key, value) {
    try {
      localStorage.setItem(prefix + key, JSON.stringify(value));
    } catch {}
  }

  function made(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function heading(section) {
    const title = section.querySelector("h1, h2, h3")?.cloneNode(true);
    title?.querySelector(".headerlink")?.remove();
    return title?.textContent.trim() ?? "";
  }

  // The section at the top of the window is where a reader stopped.
  function remember() {
    const sections = [...document.querySelectorAll("article section[id]")];
    const title = sections.length ? heading(sections[0]) : "";
    let waiting = 0;
    addEventListener("scroll", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const passed = sections.filter((section) => section.getBoundingClientRect().top < 150);
        const last = passed.at(-1) ?? sections[0];
        if (last) save("last", { page: here, title, id: last.id, section: heading(last) });
      }, 300);
    }, { passive: true });
  }

  // Front page: a link to where one stopped.
  function goOn(place) {
    const { page, id, title, section } = load("last");
    if (!page || !lesson.test(page)) return;
    const link = made("a", { href: `${root}${page}.html#${encodeURIComponent(id)}` }, section || title);
    place.replaceChildren("Continue where you were: ", link, section && section !== title ? ` in ${title}` : "");
    place.hidden = false;
  }

  function quizScore(page) {
    const { score, of } = load(`score/${page.replace("book/", "")}`);
    return of ? `${score} of ${of}` : "";
  }

  // Beside a chapter's or lab's name: whether it is done, and the points of its quiz.
  function mark() {
    const done = load("done");
    for (const link of document.querySelectorAll(".bd-sidenav a, .course-card")) {
      const page = link.dataset.page ?? decodeURI(new URL(link.href).pathname).match(/((?:book|labs)\/.*)\.html$/)?.[1];
      link.querySelector(".reader-mark")?.remove();
      const self = link.getAttribute("href") === "#" ? here : page;
      if (!self) continue;
      const words = [done[self] ? "✓" : "", quizScore(self)].filter(Boolean).join(" ");
      if (!words) continue;
      const spoken = [done[self] ? "done" : "", quizScore(self) && `quiz ${quizScore(self)}`].filter(Boolean).join(", ");
      link.append(made("span", { class: "reader-mark", title: spoken }, ` ${words}`));
    }
  }

  function doneBox(article) {
    const done = load("done");
    const box = made("input", { type: "checkbox" });
    box.checked = Boolean(done[here]);
    box.addEventListener("change", () => {
      const now = load("done");
      if (box.checked) now[here] = true;
      else delete now[here];
      save("done", now);
      mark();
    });
    const what = here.startsWith("labs/") ? "lab" : "chapter";
    article.append(made("p", { class: "reader-done" }, made("label", {}, box, ` I have finished this ${what}`)));
  }

  // Progress as a file, to keep or to carry to another browser.
  function keep(cards) {
    const told = made("span", { role: "status" });
    const file = made("input", { type: "file", accept: "application/json", hidden: "", "aria-label": "A saved file" });
    const buttons = ["Save my progress", "Load it", "Forget it"].map((text) => made("button", { type: "button" }, text));
    const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    const [store, fetchBack, forget] = buttons;
    store.addEventListener("click", () => {
      const kept = Object.fromEntries(keys().map((key) => [key, localStorage.getItem(key)]));
      const address = URL.createObjectURL(new Blob([JSON.stringify(kept, null, 1)], { type: "application/json" }));
      made("a", { href: address, download: "llm-foundations-progress.json" }).click();
      told.textContent = "Saved as llm-foundations-progress.json.";
    });
    fetchBack.addEventListener("click", () => file.click());
    file.addEventListener("change", async () => {
      try {
        const kept = Object.entries(JSON.parse(await file.files[0].text()));
        const fits = ([key, value]) => key.startsWith(prefix) && typeof value === "string";
        if (!kept.length || !kept.every(fits)) throw new TypeError("other keys");
        for (const [key, value] of kept) localStorage.setItem(key, value);
        told.textContent = "Loaded.";
      } catch {
        told.textContent = "This file holds no progress of this course.";
      }
      file.value = "";
      mark();
    });
    forget.addEventListener("click", () => {
      for (const key of keys()) localStorage.removeItem(key);
      told.textContent = "Forgotten: this browser knows nothing of your progress any more.";
      mark();
    });
    cards.after(made("p", { class: "reader-progress" }, "Your progress stays in this browser. ", ...buttons, file, told));
  }

  // A title shows on hover only, and not on a phone: shown here on hover, focus and touch, and gone with Esc.
  function hovers() {
    const bubble = made("span", { class: "reader-hover", role: "tooltip", id: "reader-hover", hidden: "" });
    document.body.append(bubble);
    let shown = null;
    function hide() {
      if (shown) {
        shown.removeAttribute("aria-describedby");
        bubble.hidden = true;
        shown = null;
      }
    }
    function show(link) {
      hide();
      bubble.textContent = link.dataset.says;
      bubble.hidden = false;
      link.setAttribute("aria-describedby", bubble.id);
      const box = link.getClientRects()[0];
      const width = document.documentElement.clientWidth;
      bubble.style.left = `${Math.max(8, Math.min(box.left, width - bubble.offsetWidth - 8)) + scrollX}px`;
      const below = box.bottom + bubble.offsetHeight + 12 < innerHeight;
      bubble.style.top = `${(below ? box.bottom + 6 : box.top - bubble.offsetHeight - 6) + scrollY}px`;
      shown = link;
    }
    for (const link of document.querySelectorAll("article a.reference[title]")) {
      link.dataset.says = link.title;
      link.removeAttribute("title");
      link.addEventListener("mouseenter", () => show(link));
      link.addEventListener("focus", () => show(link));
      link.addEventListener("mouseleave", hide);
      link.addEventListener("blur", hide);
    }
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
    });
  }

  function copying() {
    for (const button of document.querySelectorAll(".run-copy")) {
      button.hidden = false;
      const command = document.getElementById(button.dataset.copies);
      button.addEventListener("click", () => {
        // The clipboard is closed to pages from disk in some browsers: then the command is selected for Ctrl+C.
        const chosen = () => {
          getSelection().selectAllChildren(command);
          button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
        };
        if (!navigator.clipboard) return chosen();
        navigator.clipboard.writeText(command.textContent).then(() => (button.textContent = "Copied"), chosen);
      });
    }
  }

  const article = document.querySelector("article.bd-article");
  const cards = document.querySelector(".course-cards");
  const place = document.querySelector(".course-continue");
  if (article && lesson.test(here)) {
    doneBox(article);
    remember();
  }
  if (place) goOn(place);
  if (cards) keep(cards);
  addEventListener("course-progress", mark);
  mark();
  hovers();
  copying();
}
