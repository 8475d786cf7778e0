// What is asked in a dialog: another class, the right number, a filter.

import { byId, make, named, shortened, visible } from "./elements.js";
import * as picker from "./picker.js";
import * as slots from "./slots.js";
import { has, told } from "./words.js";

let classes = [];
let checks = [];
let onNumber = () => {};

export function begin(session) {
  classes = picker.searchable(
    session.classes.map((label) => ({ text: label, value: label, draw: () => named(label) })),
  );
  checks = session.checks;
  picker.begin();
  byId("number-form").addEventListener("submit", numberGiven);
  for (const button of document.querySelectorAll("dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
}

export const checkTitle = ({ id, title }) => (has(`check.${id}`) ? told(`check.${id}`) : visible(title));

/** Ask which class the sample belongs to; likely and much used ones stand first. */
export function anotherClass(sample, onPick) {
  const first = [sample.suggested, ...slots.latest(), ...slots.all().map(([, label]) => label), sample.given];
  picker.open({ title: told("picker.class"), given: inFront(first, sample), onPick });
}

function inFront(labels, sample) {
  const place = new Map();
  for (const label of labels) if (label !== null && !place.has(label)) place.set(label, place.size);
  const notes = (choice) => {
    const role =
      choice.value === sample.suggested
        ? told("label.suggested")
        : choice.value === sample.given
          ? told("label.given")
          : "";
    return { ...choice, note: [role, slots.keyOf(choice.value)].filter(Boolean).join(" · ") };
  };
  const front = classes.filter((choice) => place.has(choice.value)).map(notes);
  front.sort((one, two) => place.get(one.value) - place.get(two.value));
  return [...front, ...classes.filter((choice) => !place.has(choice.value))];
}

/** Ask for the right value, in regression. */
export function rightNumber(sample, onPick) {
  onNumber = onPick;
  byId("number-input").value = "";
  byId("number-error").textContent = "";
  byId("number-about").replaceChildren(
    `${told("label.given")} `,
    make("b", {}, named(sample.given)),
    ...(sample.suggested === null ? [] : [` · ${told("label.predicted")} `, make("b", {}, named(sample.suggested))]),
  );
  byId("number").showModal();
  byId("number-input").focus();
}

function numberGiven(event) {
  event.preventDefault();
  const text = byId("number-input").value.trim();
  if (text === "" || !Number.isFinite(Number(text)) || !/^[-+.\de]+$/i.test(text)) {
    byId("number-error").textContent = told("number.wrong");
    return;
  }
  byId("number").close();
  onNumber(text);
}

/** Ask what to filter by; `onPick` gets the new filters. */
export function filter(filters, onPick) {
  const given = [
    ...checks.map((check) => ({ ...forCheck(check), value: { ...filters, check: check.id } })),
    { ...beyond(), value: { ...filters, beyond: true } },
    ...classes.map((choice) => ({ ...choice, note: told("filter.class"), value: { ...filters, label: choice.value } })),
  ];
  picker.open({ title: told("filter.title"), given: withFolded(given), onPick });
}

const withFolded = (given) =>
  given.map((choice) => (choice.folded === undefined ? picker.searchable([choice])[0] : choice));

function forCheck(check) {
  return { text: checkTitle(check), note: told("filter.check"), draw: () => make("span", {}, checkTitle(check)) };
}

function beyond() {
  return {
    text: told("filter.beyond"),
    note: told("filter.more"),
    draw: () => make("span", {}, told("filter.beyond")),
  };
}

/** The filters that are on, each a button that takes it off. */
export function chips(filters, onChange) {
  const chip = (kind, name, without) => {
    const button = make(
      "button",
      { type: "button", className: "chip" },
      make("span", {}, kind),
      " ",
      name,
      make("span", { className: "off", "aria-hidden": "true" }, "×"),
      make("span", { className: "hidden" }, told("filter.remove")),
    );
    button.addEventListener("click", () => onChange({ ...filters, ...without }));
    return button;
  };
  const check = checks.find((one) => one.id === filters.check);
  return [
    ...(filters.label === null
      ? []
      : [
          chip(
            told("filter.class"),
            make("b", { title: visible(filters.label) }, make("bdi", {}, shortened(filters.label, 28))),
            { label: null },
          ),
        ]),
    ...(check === undefined ? [] : [chip(told("filter.check"), make("b", {}, checkTitle(check)), { check: null })]),
    ...(filters.beyond ? [chip(told("filter.more"), make("b", {}, told("filter.beyond")), { beyond: false })] : []),
  ];
}
