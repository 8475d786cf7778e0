// Elements made from text alone: nothing that comes from the data is ever read as HTML.

const CONTROLS = /[\u0000-\u001f\u007f]/g;
const CONTROLS_BUT_LINES = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
const SIGNS = new Map([
  ["\t", "⇥"],
  ["\n", "↵"],
  ["\r", "↵"],
  ["\u007f", "␡"],
]);
// Marks that override the direction of writing: a name could read as another one.
const TURNS_TEXT = /[\u202a-\u202e\u2066-\u2069]/g;
const HALF_CHARACTERS = /\p{Surrogate}/gu;
const MOST_OF_AN_ID = 72;

const sign = (character) => SIGNS.get(character) ?? String.fromCharCode(0x2400 + character.charCodeAt(0));

const harmless = (text) => text.replace(TURNS_TEXT, "\ufffd").replace(HALF_CHARACTERS, "\ufffd");

/** The text with every character that could hide, reorder or break it shown as a sign. */
export const visible = (text) => harmless(String(text).replace(CONTROLS, sign));

/** As `visible`, but line breaks and tabs stay what they are. */
export const readable = (text) => harmless(String(text).replace(/\r\n?/g, "\n").replace(CONTROLS_BUT_LINES, sign));

/** The name with its middle left out where it is long: ids differ at their ends. */
export function shortened(text, limit = MOST_OF_AN_ID) {
  const whole = Array.from(visible(text));
  if (whole.length <= limit) return whole.join("");
  const tail = Math.floor(limit / 2);
  return [...whole.slice(0, limit - tail - 1), "…", ...whole.slice(-tail)].join("");
}

/** A name as part of a sentence that is read aloud, apart from the direction of the rest. */
export const aloud = (text) => `\u2068${shortened(text)}\u2069`;

/** An element; `given` are its properties, and attributes where the name has a hyphen or is `role` or `for`. */
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** A name from the data. */
export const named = (text) => make("bdi", { textContent: visible(text), title: visible(text) });

export const byId = (id) => document.getElementById(id);

export const show = (element, wanted) => {
  element.hidden = !wanted;
};
