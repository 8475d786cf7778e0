// The sample in question: what it is, what it is called and should be called, why, and the verdict it had.

import { large } from "./content.js";
import { checkTitle } from "./asking.js";
import { aloud, byId, make, named, shortened, show, visible } from "./elements.js";
import * as neighbours from "./neighbours.js";
import { number, percent, told, pieces } from "./words.js";

/** Draw `sample` of a run whose `task` is classification or regression; `undone` is the verdict it had until now. */
export function draw(sample, task, undone) {
  byId("stage").className = `stage ${neighbours.kindOf(sample.content)}`;
  byId("stage").replaceChildren(...large(sample));
  byId("stage").scrollTop = 0;
  byId("rank").textContent = told("sample.rank", { rank: number(sample.rank) });
  byId("name").textContent = shortened(sample.id);
  byId("name").title = visible(sample.id);
  byId("wrong").replaceChildren(...wrong(sample));
  show(byId("wrong"), sample.probability !== null);
  labels(sample, task);
  reason(sample, task);
  byId("checks").replaceChildren(...sample.checks.map((check) => make("li", {}, checkTitle(check))));
  former(undone ?? sample.decision, undone !== null);
  neighbours.draw(sample);
}

/** The sample as it is read aloud. */
export function spoken(sample, task) {
  const values = {
    rank: number(sample.rank),
    name: aloud(sample.id),
    given: aloud(sample.given),
    suggested: aloud(sample.suggested ?? ""),
  };
  const parts = [told("said.sample", values)];
  if (sample.suggested !== null) parts.push(told(task === "regression" ? "said.predicted" : "said.suggested", values));
  if (sample.probability !== null) parts.push(told("said.wrong", { share: percent(sample.probability) }));
  return parts.join(" ");
}

/** The verdict in words, with its label as an element. */
export function verdictWords(decision) {
  const label = make("b", {}, named(decision.label ?? decision.given));
  return pieces(`verdict.${decision.verdict}`, { label });
}

function wrong({ probability }) {
  if (probability === null) return [];
  return pieces("sample.wrong", { share: make("b", {}, percent(probability)) });
}

function labels(sample, task) {
  const numbers = task === "regression";
  label("given", sample.given, sample.given_probability);
  byId("suggested").disabled = numbers || sample.suggested === null;
  byId("suggested-caption").textContent = told(numbers ? "label.predicted" : "label.suggested");
  label("suggested", sample.suggested, sample.suggested_probability);
  show(byId("suggested-key"), !byId("suggested").disabled);
}

function label(role, name, probability) {
  const share = name === null ? null : probability;
  byId(`${role}-label`).textContent = name === null ? told("label.none") : visible(name);
  byId(`${role}-label`).title = name === null ? "" : visible(name);
  byId(`${role}-label`).classList.toggle("none", name === null);
  byId(`${role}-share`).textContent = share === null ? "" : percent(share);
  byId(`${role}-bar`).hidden = share === null;
  byId(`${role}-bar`).firstElementChild.style.width = `${100 * (share ?? 0)}%`;
}

function reason(sample, task) {
  const composed = told("reason") === "" ? [] : composedReason(sample, task);
  byId("reason").replaceChildren(...(composed.length ? composed : [sentence(visible(sample.reason))]));
  byId("original-reason").textContent = sentence(visible(sample.reason));
  show(byId("original"), composed.length > 0 && sample.reason !== "");
}

/** With a capital in front and a full stop behind. */
export const sentence = (text) =>
  text && text.slice(0, 1).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");

/** In a language that the run's own reasons are not written in, the reason is told from its numbers. */
function composedReason(sample, task) {
  const { self_confidence: confidence, suggested_probability: share, loss_nats: loss } = sample;
  const values = { given: named(sample.given), suggested: named(sample.suggested ?? "") };
  if (task === "regression") return sample.suggested === null ? [] : pieces("reason.number", values);
  if (confidence === null) return [];
  const parts = pieces("reason.given", { ...values, share: percent(confidence, { fine: true }) });
  if (loss !== null) parts.push(...pieces("reason.loss", { loss: number(loss) }));
  if (sample.suggested !== null) {
    parts.push(
      ...(share === null
        ? pieces("reason.suggested", values)
        : pieces("reason.suggested_share", { ...values, share: percent(share) })),
    );
  }
  return [...parts, told("reason.end")];
}

function former(decision, withdrawn) {
  const line = byId("former");
  show(line, decision !== null);
  if (decision === null) return;
  const who = decision.reviewer && !withdrawn ? pieces("former.by", { reviewer: named(decision.reviewer) }) : [];
  line.replaceChildren(
    ...pieces(withdrawn ? "former.withdrawn" : "former.stands", {
      verdict: make("span", {}, ...verdictWords(decision)),
    }),
    ...who,
  );
}
