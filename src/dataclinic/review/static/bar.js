// The bar of verdicts: every key is a button, too, and number keys show their classes.

import { byId, make, named, show, visible } from "./elements.js";
import * as slots from "./slots.js";
import { told } from "./words.js";

let act = () => {};

/** `onAct` gets the name of the act of a button that is pressed, and the class of a number key. */
export function begin(onAct) {
  act = onAct;
  for (const button of document.querySelectorAll("[data-act]"))
    button.addEventListener("click", () => act(button.dataset.act));
}

/** Draw it for `sample`, null where there is none; `former` is the verdict to be marked. */
export function draw(sample, session, former) {
  const numbers = session.task === "regression";
  for (const button of byId("verdicts").querySelectorAll("[data-act]")) {
    show(button, sample !== null || button.dataset.act === "undo");
  }
  byId("verdicts").classList.toggle("numbers", numbers);
  if (sample !== null) {
    const accept = byId("verdicts").querySelector("[data-act=accept]");
    accept.disabled = numbers || sample.suggested === null;
    byId("accept-label").replaceChildren(...(accept.disabled ? [] : [named(sample.suggested)]));
    byId("keep-label").replaceChildren(named(sample.given));
  }
  byId("another-word").textContent = told(numbers ? "act.number" : "act.another");
  show(byId("accept"), sample !== null && !numbers);
  drawClasses(sample, former);
  mark(sample, former);
}

function drawClasses(sample, former) {
  const focused = document.activeElement?.dataset.key;
  const buttons = (sample === null ? [] : slots.all()).map(([key, label]) => {
    const button = make(
      "button",
      { type: "button", title: visible(label), "aria-keyshortcuts": key, "data-key": key },
      make("kbd", {}, key),
      make("span", { className: "cut" }, named(label)),
    );
    button.classList.toggle("is-given", label === sample.given);
    button.classList.toggle("is-suggested", label === sample.suggested);
    if (former?.verdict === "relabel" && former.label === label) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => act("class", label));
    return button;
  });
  byId("classes").replaceChildren(...buttons);
  if (focused) byId("classes").querySelector(`[data-key="${focused}"]`)?.focus();
}

function mark(sample, former) {
  const accepted = former?.verdict === "relabel" && former.label === sample?.suggested;
  const marked = former === null || sample === null ? null : accepted ? "accept" : former.verdict;
  for (const button of document.querySelectorAll("[data-act]")) {
    if (button.dataset.act === marked) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}
