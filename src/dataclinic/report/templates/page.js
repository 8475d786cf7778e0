(() => {
  "use strict";
  const list = document.getElementById("cards");
  const bar = document.getElementById("filter");
  if (!list || !bar) return;
  const FIRST = 24;
  const cards = Array.from(list.children);
  const byClass = document.getElementById("filter-class");
  const byCheck = document.getElementById("filter-check");
  const shown = document.getElementById("shown");
  const more = document.getElementById("more");
  const none = document.getElementById("no-match");
  let all = false;

  const has = (card, key, wanted) => wanted === "" || card.dataset[key].split(" ").includes(wanted);

  function draw() {
    const matching = cards.filter((card) => has(card, "classes", byClass.value) && has(card, "checks", byCheck.value));
    const visible = new Set(all ? matching : matching.slice(0, FIRST));
    for (const card of cards) card.hidden = !visible.has(card);
    const rest = matching.length - visible.size;
    shown.textContent = `${visible.size} of ${matching.length} shown`;
    more.textContent = `Show ${rest} more`;
    more.hidden = rest === 0;
    none.hidden = matching.length > 0;
    return visible.size;
  }

  byClass.addEventListener("change", draw);
  byCheck.addEventListener("change", draw);
  more.addEventListener("click", () => {
    const before = new Set(cards.filter((card) => !card.hidden));
    all = true;
    draw();
    const next = cards.find((card) => !card.hidden && !before.has(card));
    if (next) next.querySelector("h3").focus();
  });
  window.addEventListener("beforeprint", () => {
    all = true;
    draw();
  });
  bar.hidden = false;
  draw();
})();
