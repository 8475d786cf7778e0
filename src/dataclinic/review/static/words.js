// Words of the page in the language that the reader chose, and how numbers read in it.

import { ask } from "./server.js";

const KEPT = "dataclinic-review-language";
const LANGUAGES = { en: "en", zh: "zh-CN" };
const PLACE = /\{(\w+)\}/;

let words = {};
let language = "en";
let plurals = new Intl.PluralRules("en");

/** The language to begin with: as chosen before, as asked on the command line, as the browser is set. */
export function preferred(asked) {
  const kept = localStorage.getItem(KEPT);
  if (kept in LANGUAGES) return kept;
  return asked ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
}

export const current = () => language;
export const other = () => (language === "zh" ? "en" : "zh");

/** Speak `wanted` from now on; the choice is kept where the reader made it. */
export async function speak(wanted, { keep = false } = {}) {
  words = await ask(`/api/words/${wanted}`);
  language = wanted;
  plurals = new Intl.PluralRules(LANGUAGES[wanted]);
  document.documentElement.lang = LANGUAGES[wanted];
  if (keep) localStorage.setItem(KEPT, wanted);
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = told(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", told(element.dataset.label));
  }
}

/** The words called `name`, with `values` put into their places. */
export function told(name, values = {}) {
  return (words[name] ?? name).replace(new RegExp(PLACE, "g"), (_, place) => values[place]);
}

export const has = (name) => name in words;

/** As `told`, for a number of things. */
export function counted(name, count, values = {}) {
  return told(`${name}_${plurals.select(count)}`, { ...values, count: number(count) });
}

/** As `told`, in pieces, so that a value may be an element. */
export function pieces(name, values) {
  return (words[name] ?? name)
    .split(new RegExp(PLACE, "g"))
    .map((piece, at) => (at % 2 ? values[piece] : piece))
    .filter((piece) => piece !== "");
}

const grouped = (value, digits) => value.toLocaleString(LANGUAGES[language], { maximumFractionDigits: digits });

/** 1,234, 12.3, 0.0123. */
export function number(value) {
  if (Number.isInteger(value)) return grouped(value, 0);
  return value.toLocaleString(LANGUAGES[language], { maximumSignificantDigits: 3 });
}

/** About how many: whole ones from ten on. */
export const about = (value) => grouped(value, value < 10 ? 1 : 0);

/** 87 %, < 1 %, > 99 %; small shares with a digit where `fine`. */
export function percent(share, { fine = false } = {}) {
  const value = 100 * share;
  if (value > 0 && value < 0.5 && !fine) return told("percent.below", { value: 1 });
  if (value < 100 && value >= 99.5) return told("percent.above", { value: 99 });
  return told("percent", { value: grouped(value, fine && value < 10 ? 1 : 0) });
}

/** 87–97 %. */
export function span(low, high, fine = false) {
  const digits = fine && high < 0.1 ? 1 : 0;
  return told("percent.span", { low: grouped(100 * low, digits), high: grouped(100 * high, digits) });
}

/** 3.2 s, 6 min, 2.5 h. */
export function duration(seconds) {
  if (seconds < 60) return told("seconds", { value: grouped(seconds, seconds < 10 ? 1 : 0) });
  if (seconds < 5400) return told("minutes", { value: grouped(Math.max(1, seconds / 60), 0) });
  return told("hours", { value: grouped(seconds / 3600, 1) });
}
