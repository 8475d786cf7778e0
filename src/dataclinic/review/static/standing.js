// What the verdicts so far say: how far, how right, how much is left, and whether to go on.

import { byId, make, show } from "./elements.js";
import { about, counted, duration, number, percent, span, told } from "./words.js";

export const reviewed = (standing) => standing.relabelled + standing.kept + standing.dropped + standing.ambiguous;

/** Draw it into the strip. */
export function draw(standing) {
  const done = reviewed(standing);
  const all = done + standing.suspects_left;
  const progress = byId("progress");
  progress.max = Math.max(all, 1);
  progress.value = done;
  progress.textContent = `${number(done)} / ${number(all)}`;
  const tiles = [
    progressTile(standing, done),
    precisionTile(standing),
    auditTile(standing),
    leftTile(standing),
    nextTile(standing),
  ];
  byId("figures").replaceChildren(...tiles.filter((one) => one !== null));
  byId("advice").textContent = advice(standing);
  byId("advice").dataset.advice = standing.advice;
  byId("pace").textContent = pace(standing);
  show(byId("pace"), byId("pace").textContent !== "");
}

/** The same in sentences, for the end of the review. */
export function sentences(standing) {
  const { relabelled, kept, dropped, ambiguous, precision, audit, errors_left: left } = standing;
  const told_ = [
    told("done.counts", {
      relabelled: number(relabelled),
      kept: number(kept),
      dropped: number(dropped),
      ambiguous: number(ambiguous),
    }),
  ];
  if (precision) told_.push(told("standing.precision_sentence", shares(precision)));
  if (audit) told_.push(told("standing.audit_sentence", { ...shares(audit, true), of: number(audit.of) }));
  if (left) told_.push(told("standing.left_sentence", estimated(left)));
  return told_;
}

function tile(name, value, below, title = "") {
  const figures = [make("b", {}, value)];
  if (below) figures.push(make("span", {}, below));
  return make("div", { className: "tile", title }, make("dt", {}, name), make("dd", {}, ...figures));
}

const shares = (share, fine = false) => ({
  share: percent(share.value, { fine }),
  span: span(share.low, share.high, fine),
});
const estimated = ({ value, low, high }) => ({ value: about(value), low: about(low), high: about(high) });

function progressTile(standing, done) {
  return tile(told("standing.reviewed"), number(done), counted("standing.to_go", standing.suspects_left));
}

function precisionTile({ precision }) {
  if (!precision) return tile(told("standing.precision"), "–", told("standing.nothing_yet"));
  const figures = shares(precision);
  return tile(
    told("standing.precision"),
    figures.share,
    told("standing.interval", figures),
    told("standing.precision_sentence", figures),
  );
}

function auditTile({ audit, audit_size: size }) {
  if (!size && !audit) return null;
  if (!audit) return tile(told("standing.audit"), "–", counted("standing.audit_waits", size));
  const figures = { ...shares(audit, true), of: number(audit.of) };
  return tile(
    told("standing.audit"),
    figures.share,
    told("standing.interval", figures),
    told("standing.audit_sentence", figures),
  );
}

function leftTile({ errors_left: left }) {
  if (!left) return null;
  const figures = estimated(left);
  return tile(
    told("standing.left"),
    told("about", figures),
    told("standing.range", figures),
    told("standing.left_sentence", figures),
  );
}

function nextTile({ next_count: count, next_errors: errors }) {
  if (errors === null || !count) return null;
  return tile(told("standing.next", { count: number(count) }), told("about", { value: about(errors) }), "");
}

function advice({ advice: kind, next_count: count, next_errors: errors }) {
  if (kind === "stop") return told("advice.stop", { count: number(count), errors: about(errors ?? 0) });
  return told(kind === "done" ? "advice.done" : "advice.go_on");
}

function pace({ pace_seconds: seconds, suspects_left: left }) {
  if (seconds === null) return "";
  if (!left) return told("standing.pace", { pace: duration(seconds) });
  return told("standing.pace_left", { pace: duration(seconds), rest: duration(seconds * left) });
}
