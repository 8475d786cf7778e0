// What to do next when no sample is left.

import { byId, make, show } from "./elements.js";
import * as standing from "./standing.js";
import { told } from "./words.js";

/** Draw it; `filters` may be why nothing is left, `onFilters` changes them. */
export function draw(state, session, filters, onFilters) {
  const filtered = filters.label !== null || filters.check !== null;
  byId("done-title").textContent = told(filtered ? "done.filtered" : filters.beyond ? "done.all" : "done.title");
  const why = filtered || filters.beyond ? [] : [told("done.why")];
  byId("done-counts").replaceChildren(
    ...[...why, ...standing.sentences(state.standing)].map((text) => make("li", {}, text)),
  );
  const buttons = [];
  if (filtered) buttons.push(button("done.unfilter", { label: null, check: null }));
  if (!filters.beyond) buttons.push(button("done.beyond", { beyond: true }));
  byId("done-on").replaceChildren(...buttons);
  show(byId("done-next"), !filtered);
  const run = quoted(session.run);
  byId("commands").replaceChildren(
    command("done.export", `dataclinic export ${run} DEST`),
    command("done.try", `dataclinic try ${run}`),
    command("done.report", `dataclinic report ${run}`),
  );

  function button(word, change) {
    const element = make("button", { type: "button", className: "big" }, told(word));
    element.addEventListener("click", () => onFilters({ ...filters, ...change }));
    return element;
  }
}

function command(word, line) {
  const copy = make(
    "button",
    { type: "button", "aria-label": told("done.copy_command", { command: line }) },
    told("done.copy"),
  );
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(line);
    copy.textContent = told("done.copied");
  });
  return make("li", {}, make("span", {}, told(word)), make("code", {}, line), copy);
}

/** As a shell takes it. */
const quoted = (name) => (/^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\"'\"'")}'`);
