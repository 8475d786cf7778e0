// Which key means what: nothing while something is typed, composed, or done with Ctrl, Alt or Meta.

const EDITABLE = "input, textarea, select, [contenteditable]";
const PRESSED_BY_ENTER = "button, a, summary";
const COMPOSING = 229; // what browsers report while an input method is at work

/** Call `act` with the name of each key that is meant for the page; it returns true where it used it. */
export function listen(act) {
  document.addEventListener("keydown", (event) => {
    const key = meant(event);
    if (key !== null && act(key)) event.preventDefault();
  });
  document.addEventListener("click", letGo, true);
}

/** A button that was clicked lets the focus go: the next Enter is the page's, not once more the button's. */
function letGo(event) {
  if (event.detail > 0 && event.target instanceof Element) event.target.closest(PRESSED_BY_ENTER)?.blur();
}

function meant(event) {
  if (event.defaultPrevented || event.repeat || event.isComposing || event.keyCode === COMPOSING) return null;
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const target = event.target instanceof Element ? event.target : document.body;
  // A field keeps the focus for a moment after its dialog closed.
  if (target.closest(EDITABLE) && !target.closest("dialog:not([open])")) return null;
  const key = named(event);
  if ((key === "Enter" || key === "Space") && target.closest(PRESSED_BY_ENTER)) return null;
  return key;
}

/** By what the key types; by its place where that is no Latin letter (Cyrillic, Arabic) or a digit behind Shift. */
function named({ key, code, shiftKey }) {
  if (key === " ") return "Space";
  if (/^[\x21-\x7e]$/.test(key) && !(/^Digit/.test(code) && !/\d/.test(key) && !shiftKey)) return key.toLowerCase();
  const place = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(code);
  if (key.length === 1 && place && !shiftKey) return (place[1] ?? place[2]).toLowerCase();
  return key;
}
