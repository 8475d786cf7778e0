// Type to find: a list of choices, narrowed by what is typed, worked by arrow keys, Enter and Escape.

import { byId, make } from "./elements.js";
import { counted, number, told } from "./words.js";

const MOST_SHOWN = 60;
const PAGE = 8;
const WORD_START = 2;

let choices = [];
let matching = [];
let active = 0;
let pick = () => {};

const input = () => byId("picker-input");
const list = () => byId("picker-list");

/** Choices, ready to be searched: `{text, draw, note, value}`, likeliest first. */
export const searchable = (given) => given.map((choice) => ({ ...choice, folded: folded(choice.text) }));

/** Ask for one of `given`; `onPick` gets its value. */
export function open({ title, given, onPick }) {
  choices = given;
  pick = onPick;
  byId("picker-title").textContent = title;
  input().value = "";
  narrow();
  byId("picker").showModal();
  input().focus();
}

export function begin() {
  input().addEventListener("input", narrow);
  input().addEventListener("keydown", moved);
  byId("picker-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (matching[active]) chosen(matching[active]);
  });
  byId("picker").addEventListener("click", (event) => {
    if (event.target === byId("picker")) byId("picker").close(); // beside the dialog
  });
}

function chosen(choice) {
  byId("picker").close();
  pick(choice.value);
}

/** Lower case, without accents: who looks for cafe or strasse finds Café and Straße. */
const folded = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toUpperCase()
    .toLowerCase();

function score(text, query) {
  if (text === query) return 0;
  const at = text.indexOf(query);
  if (at < 0) return -1;
  if (at === 0) return 1;
  return /[\p{L}\p{N}]/u.test(text[at - 1]) ? WORD_START + 1 : WORD_START;
}

function narrow() {
  const query = folded(input().value.trim());
  const scored =
    query === ""
      ? choices.map((choice) => [0, choice])
      : choices.map((choice) => [score(choice.folded, query), choice]);
  matching = scored
    .filter(([rank]) => rank >= 0)
    .sort(([one], [two]) => one - two)
    .map(([, choice]) => choice);
  active = 0;
  draw();
}

function draw() {
  const shown = matching.slice(0, MOST_SHOWN);
  list().replaceChildren(...shown.map(option));
  const rest = matching.length - shown.length;
  const status = matching.length === 0 ? told("picker.none") : counted("picker.found", matching.length);
  byId("picker-status").textContent =
    rest > 0 ? told("picker.more", { found: status, shown: number(shown.length) }) : status;
  mark();
}

function option(choice, at) {
  const element = make("li", { role: "option", id: `choice-${at}` }, choice.draw());
  if (choice.note) element.append(make("span", { className: "note" }, choice.note));
  element.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays in the field
  element.addEventListener("click", () => chosen(choice));
  return element;
}

function mark() {
  Array.from(list().children).forEach((element, at) => element.setAttribute("aria-selected", String(at === active)));
  const element = list().children[active];
  if (element) {
    input().setAttribute("aria-activedescendant", element.id);
    element.scrollIntoView({ block: "nearest" });
  } else input().removeAttribute("aria-activedescendant");
}

function moved(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
  if (event.isComposing || !(event.key in steps)) return;
  event.preventDefault();
  const last = list().children.length - 1;
  const wanted = active + steps[event.key];
  const around = Math.abs(steps[event.key]) === 1 && (wanted < 0 || wanted > last);
  active = around ? (wanted < 0 ? last : 0) : Math.min(Math.max(wanted, 0), last);
  mark();
}
