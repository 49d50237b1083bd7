// The list of claims: choose by chapter and by finding. Without this script all of them are listed.
"use strict";

{
  const rows = [...document.querySelectorAll(".claim-row")];

  function ending(row, prefix) {
    const marked = [...row.querySelectorAll(`[class*="${prefix}"]`)].flatMap((each) => [...each.classList]);
    return marked.find((name) => name.startsWith(prefix))?.slice(prefix.length) ?? "";
  }

  function choice(form, label, values) {
    const box = document.createElement("select");
    for (const [value, words] of [["", "all"], ...values]) box.add(new Option(words, value));
    const line = document.createElement("label");
    line.append(`${label} `, box);
    form.append(line);
    return box;
  }

  function start() {
    const form = document.createElement("form");
    form.className = "claim-filter";
    const found = rows.map((row) => ({
      row,
      chapter: ending(row, "chapter-"),
      finding: ending(row, "finding-"),
      words: row.querySelector(".claim-finding").textContent.trim(),
    }));
    const chapters = [...new Set(found.map((one) => one.chapter))].map((value) => [value, value]);
    const findings = [...new Map(found.map((one) => [one.finding, one.words]))];
    const chapter = choice(form, "Chapter", chapters);
    const finding = choice(form, "Finding", findings);
    const told = document.createElement("p");
    told.setAttribute("role", "status");
    form.append(told);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => {
      for (const one of found) {
        const fits = (value, box) => !box.value || value === box.value;
        one.row.hidden = !(fits(one.chapter, chapter) && fits(one.finding, finding));
      }
      const shown = rows.filter((row) => !row.hidden).length;
      told.textContent = `${shown} of ${rows.length} claims`;
    });
    rows[0].before(form);
  }

  if (rows.length) start();
}
