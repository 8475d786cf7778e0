// Classes on the number keys. Once a class has its key it keeps it as long as there is room: fingers learn it.

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
const STORED = "dataclinic-review-keys";

let run = "";
let classes = [];
let fixed = true;
let slots = new Map(); // key → class
let used = []; // classes that were chosen, the latest first

/** Begin with the classes of a run: all of them where there are at most nine, in their order. */
export function begin(name, all) {
  run = name;
  classes = all;
  slots = named(all);
  const rest = all.filter((label) => !new Set(slots.values()).has(label));
  fixed = rest.length <= freeKeys().length;
  if (fixed) place(rest);
  else recall();
}

export const all = () => [...slots].sort(([one], [two]) => one.localeCompare(two));
export const classOf = (key) => slots.get(key) ?? null;
export const keyOf = (label) => all().find(([, held]) => held === label)?.[0] ?? null;
export const latest = () => used;

/** A sample came up whose label may be one of these: they take free keys. */
export function likely(labels) {
  if (fixed) return;
  place(labels.filter((label) => label !== null && keyOf(label) === null));
  remember();
}

/** A class was chosen: it takes a free key, or that of the class that was not chosen for longest. */
export function chosen(label) {
  used = [label, ...used.filter((other) => other !== label)].slice(0, 50);
  if (!fixed && keyOf(label) === null) {
    if (freeKeys().length) place([label]);
    else slots.set(stalest(), label);
  }
  remember();
}

/** Classes that are called by a digit stand on that digit, and nowhere else. */
function named(all) {
  return new Map(all.filter((label) => /^\d$/.test(label)).map((label) => [label, label]));
}

const freeKeys = () => KEYS.filter((key) => !slots.has(key));

function place(labels) {
  const free = freeKeys();
  labels.slice(0, free.length).forEach((label, at) => slots.set(free[at], label));
}

function stalest() {
  const age = (label) => (used.includes(label) ? used.indexOf(label) : used.length);
  return (
    all()
      .filter(([key, label]) => key !== label)
      .sort(([, one], [, two]) => age(two) - age(one))[0]?.[0] ?? "9"
  );
}

function remember() {
  sessionStorage.setItem(STORED, JSON.stringify({ run, slots: [...slots], used }));
}

function recall() {
  const kept = JSON.parse(sessionStorage.getItem(STORED) ?? "null");
  if (kept?.run !== run) return;
  const known = new Set(classes);
  slots = new Map([...kept.slots.filter(([, label]) => known.has(label)), ...slots]);
  used = kept.used.filter((label) => known.has(label));
}
