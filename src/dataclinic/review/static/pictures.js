// Pictures of samples, fetched ahead: an element that has loaded is put in its place and never asked for again.

import { picture } from "./server.js";

const MOST_KEPT = 80;
const TINY_PX = 64;

const loaded = new Map();

/** The picture of the sample in `row`; `alt` describes it. */
export function image(row, size, alt) {
  const element = fetched(row, size);
  element.alt = alt;
  return element;
}

/** Load a picture that will be wanted soon. */
export const prefetch = (row, size) => void fetched(row, size);

function fetched(row, size) {
  const source = picture(row, size);
  // One that stands in the page stays there: the same sample may be near another one, too.
  const kept = loaded.get(source);
  if (kept && !kept.isConnected && !(kept.complete && kept.naturalWidth === 0)) return kept;
  const element = new Image();
  element.addEventListener("load", () => {
    // A tiny one is enlarged by the server, in whole steps: its pixels are meant to be seen.
    element.classList.toggle("pixelated", Math.max(element.naturalWidth, element.naturalHeight) <= TINY_PX);
  });
  element.addEventListener("error", () => element.classList.add("broken"));
  element.draggable = false;
  element.src = source;
  loaded.delete(source);
  loaded.set(source, element);
  if (loaded.size > MOST_KEPT) loaded.delete(loaded.keys().next().value);
  return element;
}
