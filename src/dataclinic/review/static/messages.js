// What the page says by itself: what was saved, that the queue changed, and what went wrong.

import { byId, show, visible } from "./elements.js";
import { told } from "./words.js";

let again = () => {};

export function begin(onGiveUp) {
  byId("retry").addEventListener("click", () => again());
  byId("give-up").addEventListener("click", onGiveUp);
}

/** Read `text` aloud. */
export function say(text) {
  byId("said").textContent = text;
}

/** The line above the verdicts; `nodes` are texts and elements. */
export function saved(kind, nodes) {
  byId("saved").dataset.kind = kind;
  byId("saved").replaceChildren(...nodes);
}

export function notice(id, text) {
  byId(id).textContent = text;
  show(byId(id), text !== "");
}

/** Say what failed until it is tried again with `retry`.
 *
 * `lost` is true where a verdict waits to be saved, `begun` where there is a page to go back to.
 */
export function failed(error, { lost, begun, retry }) {
  again = retry;
  byId("alert-what").textContent = told(lost ? "failed.not_saved" : `failed.${error.kind}`);
  const why =
    error.kind === "refused"
      ? [visible(error.message), visible(error.hint)]
      : [lost ? told(`failed.${error.kind}`) : "", told(`failed.${error.kind}_hint`)];
  byId("alert-why").textContent = why.filter(Boolean).join(" – ");
  byId("give-up").textContent = told(lost ? "failed.give_up" : "page.close");
  show(byId("give-up"), begun);
  show(byId("alert"), true);
  byId("retry").focus();
}

export function recovered() {
  const focused = byId("alert").contains(document.activeElement);
  show(byId("alert"), false);
  if (focused) byId("sample").focus();
}
