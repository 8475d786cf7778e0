// Samples of both classes that are like the one in question: small beside it, large in a dialog.

import { brief, large } from "./content.js";
import { byId, make, named, shortened, show } from "./elements.js";
import * as pictures from "./pictures.js";
import { number, told } from "./words.js";

const SMALL_AT_ONCE = { pictures: 4, others: 2 };
const LARGE_AT_ONCE = 4;

const dialog = () => byId("near");

/** Draw those of `sample` beside it; a click on one enlarges all. */
export function draw(sample) {
  const some = sample.sides.some((side) => side.samples.length > 0);
  show(byId("neighbours"), some);
  byId("sides").replaceChildren(...sample.sides.map((side) => small(sample, side)));
}

/** Show them large; false where there are none. */
export function enlarge(sample) {
  if (!sample.sides.some((side) => side.samples.length > 0)) return false;
  const middle = make(
    "section",
    { className: "itself" },
    make("h3", {}, told("near.itself")),
    make("div", { className: `stage ${kindOf(sample.content)}` }, ...large(sample)),
  );
  const [given, suggested] = ["given", "suggested"].map((role) => sample.sides.filter((side) => side.role === role));
  byId("near-sides").replaceChildren(...given.map(big), middle, ...suggested.map(big));
  dialog().showModal();
  return true;
}

/** Load the pictures of `sample` and of those that will stand beside it. */
export function prefetch(sample) {
  if (sample.content.picture) pictures.prefetch(sample.row, "large");
  for (const near of sample.sides.flatMap((side) => side.samples.slice(0, SMALL_AT_ONCE.pictures))) {
    if (near.content.picture) pictures.prefetch(near.row, "small");
  }
}

export const kindOf = (content) =>
  content.missing !== null ? "nothing" : content.picture ? "pictures" : content.text !== null ? "texts" : "table";

function heading(side, tag) {
  return make(tag, { className: side.role }, `${told(`near.${side.role}`)} `, make("b", {}, named(side.label)));
}

function small(sample, side) {
  const kind = kindOf(side.samples[0]?.content ?? sample.content);
  const shown = side.samples.slice(0, kind === "pictures" ? SMALL_AT_ONCE.pictures : SMALL_AT_ONCE.others);
  const items = shown.map((near) => {
    const button = make("button", { type: "button", title: shortened(near.id) }, brief(near));
    button.addEventListener("click", () => enlarge(sample));
    return make("li", {}, button);
  });
  return make("section", { className: `side ${kind}` }, heading(side, "h4"), make("ul", {}, ...items));
}

function big(side) {
  const items = side.samples
    .slice(0, LARGE_AT_ONCE)
    .map((near) =>
      make(
        "li",
        { className: kindOf(near.content) },
        brief(near, { size: "large", full: true }),
        make(
          "p",
          { className: "small muted" },
          make("bdi", { textContent: shortened(near.id, 44) }),
          make("span", {}, told("near.distance", { distance: number(Math.round(near.distance * 1000) / 1000) })),
        ),
      ),
    );
  return make("section", { className: "side" }, heading(side, "h3"), make("ul", {}, ...items));
}
