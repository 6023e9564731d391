// Draws the charts of a page, saves drafts while they are typed, and brings the eye to what is wrong.

const QUIET_MS = 800; // after the last key before a draft is sent

async function draw(figure) {
  const spec = JSON.parse(document.getElementById(figure.dataset.spec).textContent);
  await import("./vendor/vega.js"); // it hangs vegaEmbed on the window
  const plot = figure.querySelector(".plot");
  // `ast`: expressions are interpreted, for the page's policy forbids making code from text
  await window.vegaEmbed(plot, spec, { ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true } });
}

function drawAll(root) {
  for (const figure of root.querySelectorAll("figure[data-spec]:not([data-drawn])")) {
    figure.dataset.drawn = "";
    draw(figure).catch((error) => console.error(error));
  }
}

function keepDraft(form) {
  const told = form.querySelector("[data-saved]");
  let waiting = 0, changed = false;
  const say = (state) => { if (told) told.textContent = told.dataset[state] ?? ""; };
  async function send() {
    changed = false;
    say("saving");
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" } });
      if (!answer.ok) throw new Error(String(answer.status));
      say("saved");
    } catch {
      changed = true;
      say("unsaved");
      waiting = setTimeout(send, 5000);
    }
  }
  form.addEventListener("input", () => { changed = true; clearTimeout(waiting); waiting = setTimeout(send, QUIET_MS); });
  form.addEventListener("submit", () => { clearTimeout(waiting); changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

function prepare(root) {
  drawAll(root);
  for (const form of root.querySelectorAll("form[data-autosave]:not([data-kept])")) {
    form.dataset.kept = "";
    keepDraft(form);
  }
  root.querySelector("[data-focus]")?.focus();
}

// a button pressed twice acts once
addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  for (const button of event.target.querySelectorAll("button:not([type=button])")) {
    setTimeout(() => { button.disabled = true; });
    setTimeout(() => { button.disabled = false; }, 4000);
  }
});
addEventListener("click", (event) => { // a menu closes when something else is touched
  for (const menu of document.querySelectorAll("details.drop[open]")) if (!menu.contains(event.target)) menu.open = false;
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of document.querySelectorAll("details.drop[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
});
document.addEventListener("htmx:load", (event) => prepare(event.target.parentElement ?? document));
prepare(document);
