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
  let waiting = 0, typed = 0, kept = 0; // how often something was typed, and up to where the server has it
  const say = (state) => { if (told) told.textContent = told.dataset[state] ?? ""; };
  async function send() {
    const upTo = typed;
    say("saving");
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" } });
      const kind = answer.headers.get("Content-Type") ?? "";
      if (answer.status >= 400 && answer.status < 500 && kind.startsWith("text/plain")) { // refused, and why: the same again would change nothing
        if (told) told.textContent = await answer.text();
        return;
      }
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status)); // not kept, wherever it led
      const wrong = kind.startsWith("application/json") && tellAnswers(await answer.json(), form);
      kept = Math.max(kept, upTo);
      if (kept === typed) say(wrong ? "wrong" : "saved"); // else more was typed meanwhile, and is sent next
    } catch {
      say("unsaved");
      clearTimeout(waiting);
      waiting = setTimeout(send, 5000);
    }
  }
  form.addEventListener("input", () => {
    if (typed === kept) say("typed"); // what was saved no longer is all
    typed += 1;
    clearTimeout(waiting);
    waiting = setTimeout(send, QUIET_MS);
  });
  form.addEventListener("submit", () => { clearTimeout(waiting); kept = typed; });
  addEventListener("beforeunload", (event) => { if (typed !== kept) event.preventDefault(); });
}

// what is wrong is told at its question, and what follows from the answers beside the form
function tellAnswers({ wrong, beside }, form) {
  document.getElementById("beside").innerHTML = beside; // made by the server, every text in it escaped
  for (const [name, text] of Object.entries(wrong)) {
    const place = document.getElementById(`wrong_${name}`);
    if (!place || place.textContent === text) continue;
    place.textContent = text;
    place.parentElement.classList.toggle("wrong", text !== "");
  }
  return Object.entries(wrong).some(([name, text]) => text && form.elements.namedItem(name));
}

// questions of another route than the chosen one are put away; a card that is left without any goes with them
function followRoute() {
  for (const question of document.querySelectorAll("[data-only]")) {
    const chosen = document.querySelector(`[name="${question.dataset.only}"]:checked, select[name="${question.dataset.only}"]`)?.value;
    question.hidden = !question.dataset.is.split(" ").includes(chosen);
    const card = question.closest("form");
    card.hidden = [...card.querySelectorAll(":scope > .field")].every((one) => one.hidden);
  }
}

function count(area) {
  const place = document.querySelector(`[data-count="${area.id}"]`);
  if (place) place.textContent = `${area.value.trim().length} / ${area.dataset.most}`;
}

// a place that lies in a fold is opened before one looks at it
function unfold() {
  const place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place) return;
  for (let fold = place.querySelector(":scope > details") ?? place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  place.scrollIntoView();
  place.querySelector("details[open] :is(input:not([type=hidden]), textarea, select)")?.focus();
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
addEventListener("input", (event) => {
  if (event.target.dataset?.most) count(event.target);
  followRoute();
});
// files beyond what the office takes at once are not sent at all: what was typed beside them stays
addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  const bytes = [...target.form?.querySelectorAll("input[type=file]") ?? [target]].flatMap((one) => [...one.files]).reduce((sum, file) => sum + file.size, 0);
  target.setCustomValidity(bytes > Number(document.body.dataset.uploadMax) ? document.body.dataset.tooLarge : "");
  target.reportValidity();
});
addEventListener("hashchange", unfold);
addEventListener("click", (event) => { // the same place once more changes no address
  const link = event.target.closest?.('a[href^="#"]');
  if (link && link.hash === location.hash) unfold();
});
document.addEventListener("htmx:load", (event) => prepare(event.target.parentElement ?? document));
prepare(document);
unfold();
