// j and k walk down and up the list of cases, x chooses one; links and boxes do the same without it.
const rows = () => [...document.querySelectorAll("[data-row]")];
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox") return;
  const all = rows(), at = all.indexOf(document.activeElement.closest("tr")?.querySelector("[data-row]"));
  if (event.key === "j") all[Math.min(at + 1, all.length - 1)]?.focus();
  else if (event.key === "k") all[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "x" && at >= 0) all[at].closest("tr").querySelector("[type=checkbox]")?.click();
  else if (event.key === "/") { document.getElementById("q")?.focus(); event.preventDefault(); }
});
