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

(() => {
  "use strict";
  const drawing = document.getElementById("dots");
  const bar = document.getElementById("map-filter");
  if (!drawing || !bar) return;
  const byClass = document.getElementById("map-class");
  const colour = document.getElementById("map-colour");
  const mark = document.getElementById("map-mark");
  const shown = document.getElementById("map-shown");
  const groups = Array.from(drawing.querySelectorAll("g"));

  const told = (count) => count.toLocaleString("en");

  function marked(group, dot) {
    if (mark.value === "suspects") return group.classList.contains("ring");
    return (dot.dataset.f || "").split(" ").includes(mark.value);
  }

  function draw() {
    let dots = 0;
    let hits = 0;
    for (const group of groups) {
      const wanted = byClass.value === "" || group.classList.contains(byClass.value);
      group.classList.toggle("faint", !wanted);
      for (const dot of group.children) {
        const hit = wanted && mark.value !== "" && marked(group, dot);
        dot.classList.toggle("hit", hit);
        dots += wanted;
        hits += hit;
      }
    }
    drawing.classList.toggle("marking", mark.value !== "");
    shown.textContent = mark.value === "" ? `${told(dots)} shown` : `${told(hits)} of ${told(dots)} highlighted`;
  }

  const LAST = 10;

  // The rarest check stands last among those that name a dot.
  for (const dot of drawing.querySelectorAll("circle[data-f]")) {
    const rarest = Number(dot.dataset.f.split(" ").pop());
    dot.classList.add(`k${Math.min(rarest, LAST)}`);
  }

  function paint() {
    drawing.classList.toggle("by-check", colour.value === "check");
    drawing.classList.toggle("by-suspect", colour.value === "suspect");
    for (const [id, wanted] of [["key-label", ""], ["key-check", "check"], ["key-suspect", "suspect"]]) {
      document.getElementById(id).hidden = colour.value !== wanted;
    }
  }

  colour.addEventListener("change", paint);
  byClass.addEventListener("change", draw);
  mark.addEventListener("change", draw);
  bar.hidden = false;
  paint();
  draw();
})();

(() => {
  "use strict";
  // Paper unfolds nothing: what is folded, or waits for being scrolled to, is opened before a page is printed.
  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
    for (const one of document.querySelectorAll("img[loading]")) one.loading = "eager";
  });
})();
