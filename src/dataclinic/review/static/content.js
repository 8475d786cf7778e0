// A sample itself: its picture, its text or its cells.

import { aloud, make, named, readable, visible } from "./elements.js";
import { image } from "./pictures.js";
import { counted, told } from "./words.js";

const FOLD_FROM = 41; // so many still stand beside the telling ones without scrolling
const SHORT = 160; // characters, as in a message: larger letters read faster
const BRIEF_CELLS = 4;
const BRIEF_CHARACTERS = 240;

let unfolded = false; // who unfolded the cells of one sample wants to see those of the next

/** The sample in front of the reviewer, as large as there is room. */
export function large(sample) {
  const { content } = sample;
  if (content.missing !== null) return [missing(content.missing)];
  if (content.picture) return [framed(image(sample.row, "large", told("sample.picture", { name: aloud(sample.id) })))];
  if (content.text !== null) return written(content);
  return table(sample);
}

/** A neighbour in little: a picture, the beginning of a text, a few cells. */
export function brief(near, { size = "small", full = false } = {}) {
  const { content } = near;
  if (content.missing !== null) return make("p", { className: "missing" }, visible(content.missing));
  if (content.picture) return framed(image(near.row, size, told("sample.picture", { name: aloud(near.id) })));
  if (content.text !== null) return excerpt(content, full ? Infinity : BRIEF_CHARACTERS);
  return cells(content.cells.slice(0, full ? content.cells.length : BRIEF_CELLS));
}

function missing(why) {
  return make(
    "p",
    { className: "missing" },
    make("strong", {}, told("sample.missing")),
    make("span", {}, visible(why)),
  );
}

function framed(picture) {
  const frame = make("span", { className: "frame" }, picture);
  const failed = () => frame.replaceChildren(make("span", { className: "missing" }, told("sample.broken")));
  if (picture.classList.contains("broken")) failed();
  picture.addEventListener("error", failed);
  return frame;
}

function written(content) {
  const text = make("p", { className: "text", dir: "auto", textContent: readable(content.text) });
  text.classList.toggle("short", content.text.length <= SHORT);
  if (!content.cut) return [text];
  return [text, make("p", { className: "small muted" }, counted("sample.cut", content.cut))];
}

function excerpt(content, limit) {
  const text = readable(content.text);
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return make("p", { className: "excerpt", dir: "auto", textContent: cut });
}

function table(sample) {
  const telling = sample.content.cells.filter((cell) => cell.telling);
  const others = sample.content.cells.filter((cell) => !cell.telling);
  const parts = [];
  if (telling.length) parts.push(tellingTable(sample, telling));
  if (others.length) parts.push(otherCells(sample.content, others, telling.length));
  return parts;
}

function tellingTable(sample, telling) {
  const heads = [
    make("th", { scope: "col" }, told("cells.column")),
    make("th", { scope: "col" }, told("cells.value")),
    make("th", { scope: "col" }, told("cells.median"), " ", make("b", { className: "given" }, named(sample.given))),
    make(
      "th",
      { scope: "col" },
      told("cells.median"),
      " ",
      make("b", { className: "suggested" }, named(sample.suggested ?? "")),
    ),
  ];
  const rows = telling.map((cell) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, named(cell.column)),
      make("td", { className: "told" }, named(cell.value)),
      make("td", { className: "given" }, named(cell.given_median ?? "–")),
      make("td", { className: "suggested" }, named(cell.suggested_median ?? "–")),
    ),
  );
  return make(
    "table",
    { className: "telling" },
    make("caption", {}, told("cells.telling")),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...rows),
  );
}

function otherCells(content, others, telling) {
  const list = cells(others);
  const unseen = content.columns - content.cells.length;
  const parts = unseen > 0 ? [list, make("p", { className: "small muted" }, counted("cells.unseen", unseen))] : [list];
  if (!telling && others.length < FOLD_FROM) return make("div", { className: "others" }, ...parts);
  const title = telling ? counted("cells.others", others.length) : counted("cells.all", others.length);
  const folded = make("details", { className: "others" }, make("summary", {}, title), ...parts);
  folded.open = unfolded || others.length < FOLD_FROM || !telling;
  folded.querySelector("summary").addEventListener("click", () => {
    unfolded = !folded.open;
  });
  return folded;
}

function cells(shown) {
  const pairs = shown.map((cell) =>
    make(
      "div",
      { className: cell.telling ? "told" : "" },
      make("dt", {}, named(cell.column)),
      make("dd", {}, named(cell.value)),
    ),
  );
  return make("dl", { className: "cells" }, ...pairs);
}
