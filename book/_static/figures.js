// Figures: enlarged on a click or tap, and by keyboard through a button below them. Without this script they stay as they are.
"use strict";

{
  const dialog = document.createElement("dialog");
  dialog.className = "figure-large";
  dialog.setAttribute("aria-label", "Enlarged figure");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "figure-close";
  close.textContent = "Close";
  dialog.append(close);
  let home = null;

  function enlarge(frame) {
    home = frame;
    frame.style.minHeight = `${frame.offsetHeight}px`; // the page does not jump meanwhile
    // The drawing itself moves: a copy would have the ids of its parts a second time.
    dialog.append(frame.querySelector("svg"));
    dialog.showModal();
    close.focus();
  }

  // Esc closes a dialog by itself; its event comes here too.
  dialog.addEventListener("close", () => {
    home.append(dialog.querySelector("svg"));
    home.style.minHeight = "";
    home = null;
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("svg, .figure-close")) dialog.close();
  });

  const frames = [...document.querySelectorAll(".figure-frame")];

  // What scrolls must be within reach of the keyboard.
  function reach() {
    for (const frame of frames) {
      if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
      else frame.removeAttribute("tabindex");
    }
  }

  for (const frame of frames) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "figure-enlarge";
    button.textContent = "Enlarge figure";
    button.addEventListener("click", () => enlarge(frame));
    frame.addEventListener("click", (event) => {
      if (event.target.closest("svg")) enlarge(frame);
    });
    frame.after(button);
  }
  if (frames.length) {
    document.body.append(dialog);
    addEventListener("resize", reach);
    reach();
  }
}
