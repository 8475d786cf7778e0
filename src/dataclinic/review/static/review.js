// A review: one sample at a time, and no step on before the server has the verdict on disk.

import * as asking from "./asking.js";
import * as bar from "./bar.js";
import * as done from "./done.js";
import { aloud, byId, make, shortened, show, visible } from "./elements.js";
import * as judge from "./judge.js";
import * as keys from "./keys.js";
import * as messages from "./messages.js";
import * as neighbours from "./neighbours.js";
import * as server from "./server.js";
import * as slots from "./slots.js";
import * as standing from "./standing.js";
import * as words from "./words.js";

const { told } = words;

let session = null;
let state = null;
let filters = { label: null, check: null, beyond: false };
let busy = false; // a request is under way
let waiting = false; // one failed, and is to be tried again
const ahead = new Set(); // rows whose pictures were asked for before their turn
let lastWords = () => {}; // says again what was said last, in another language

const KEYS = {
  Enter: "accept",
  k: "keep",
  d: "drop",
  a: "ambiguous",
  Space: "skip",
  u: "undo",
  t: "another",
  n: "near",
  "/": "filter",
  "?": "help",
};

const ACTS = {
  accept,
  keep: () => decide("keep"),
  drop: () => decide("drop"),
  ambiguous: () => decide("ambiguous"),
  class: (label) => decide("relabel", label),
  skip,
  undo,
  another,
  near: () => neighbours.enlarge(state.sample) || aside(told("near.none")),
  filter: () => asking.filter(filters, changeFilters),
  help: () => byId("help").showModal(),
  language: () => speak(words.other(), { keep: true }),
};

const NEED_SAMPLE = new Set(["accept", "keep", "drop", "ambiguous", "class", "skip", "another", "near"]);

start();

async function start() {
  try {
    session = await server.ask("/api/session");
    await words.speak(words.preferred(session.language));
    slots.begin(session.run, session.classes);
    asking.begin(session);
    bar.begin(act);
    messages.begin(giveUp);
    keys.listen(pressed);
    byId("near").addEventListener("keydown", (event) => {
      if (event.key === "n") byId("near").close();
    });
    document.body.classList.add("ready");
    await load(filters);
  } catch (error) {
    if (!(error instanceof server.NoAnswer)) throw error;
    document.body.classList.add("ready");
    messages.failed(error, { lost: false, begun: false, retry: () => location.reload() });
  }
}

function pressed(key) {
  if (document.querySelector("dialog[open]")) return false;
  if (/^\d$/.test(key)) return slots.classOf(key) !== null && act("class", slots.classOf(key));
  return key in KEYS && act(KEYS[key]);
}

/** Do what a key or a button asks for; true where the page knows it. */
function act(name, ...given) {
  const always = name === "help" || name === "language";
  if (!always && (busy || waiting || state === null)) return true;
  if (NEED_SAMPLE.has(name) && state.sample === null) return true;
  ACTS[name](...given);
  return true;
}

function accept() {
  if (session.task === "regression") return aside(told("aside.type_number"));
  if (state.sample.suggested === null) return aside(told("aside.no_suggestion"));
  return decide("relabel", state.sample.suggested);
}

function another() {
  if (session.task === "regression") return asking.rightNumber(state.sample, (text) => decide("relabel", text));
  return asking.anotherClass(state.sample, (label) => decide("relabel", label));
}

function decide(verdict, label = null) {
  const { sample } = state;
  if (verdict === "relabel" && session.task === "classification") slots.chosen(label);
  const decision = { verdict: label === sample.given ? "keep" : verdict, label, given: sample.given };
  const line = () =>
    messages.saved("saved", [...words.pieces("saved", { name: nameOf(sample) }), ...judge.verdictWords(decision)]);
  return sent(() => server.decide(sample.row, verdict, label, filters), {
    lost: true,
    again: () => againUnlessSaved(sample.row, decision),
    then: () => told("said.saved", { verdict: plain(judge.verdictWords(decision)) }),
    line,
  });
}

/** The answer may have been lost, not the verdict: it is not written twice. */
async function againUnlessSaved(row, { verdict, label }) {
  const { sample } = await server.sample(row);
  const kept = sample.decision;
  if (kept !== null && kept.verdict === verdict && (verdict !== "relabel" || kept.label === label))
    return server.next(filters);
  return server.decide(row, verdict, label, filters);
}

function skip() {
  const { sample } = state;
  return sent(() => server.skip(sample.row, filters), {
    then: () => told("said.skipped"),
    line: () => messages.saved("skipped", words.pieces("skipped", { name: nameOf(sample) })),
  });
}

function undo() {
  return sent(() => server.undo(filters), {
    // It may have been withdrawn: to ask for it once more would take back another one.
    again: async () => ({ ...(await server.next(filters)), unsure: true }),
    then: (after) => told(after.unsure ? "undo.unsure" : after.undone ? "said.undone" : "undo.nothing"),
    line: (after) => messages.saved("undone", undoneWords(after)),
  });
}

function undoneWords({ unsure, undone, sample }) {
  if (unsure) return [told("undo.unsure")];
  return undone ? words.pieces("undone", { name: nameOf(sample) }) : [told("undo.nothing")];
}

function changeFilters(wanted) {
  if (busy || waiting) return undefined;
  return load(wanted);
}

function load(wanted) {
  return sent(() => server.next(wanted), {
    then: () => {
      filters = wanted;
      return "";
    },
    line: () => messages.saved("", []),
  });
}

/** Ask the server, and go on where it answers; where it does not, stay, and offer to try again. */
async function sent(request, { lost = false, again = request, then, line }) {
  busy = true;
  document.body.classList.add("busy");
  try {
    const after = await request();
    waiting = false;
    messages.recovered();
    arrive(after, then(after), () => line(after));
  } catch (error) {
    if (!(error instanceof server.NoAnswer)) throw error;
    waiting = true;
    messages.failed(error, {
      lost,
      begun: state !== null,
      retry: () => !busy && sent(again, { lost, again, then, line }),
    });
  } finally {
    busy = false;
    document.body.classList.remove("busy");
  }
}

function giveUp() {
  waiting = false;
  messages.recovered();
}

/** Show what the server answered. */
function arrive(after, said, line) {
  state = after;
  if (state.sample !== null) slots.likely([state.sample.suggested, state.sample.given]);
  lastWords = line;
  draw();
  const reranked = state.reranked ? told("reranked", { count: words.number(session.rerank_every) }) : "";
  const what = state.sample === null ? byId("done-title").textContent : judge.spoken(state.sample, session.task);
  messages.say([said, reranked, what].filter(Boolean).join(" "));
  scrollTo({ top: 0 });
  fetchAhead();
}

function draw() {
  const { sample, undone } = state;
  byId("run").textContent = visible(session.run);
  byId("chips").replaceChildren(...asking.chips(filters, changeFilters));
  byId("left").textContent = filtered() ? words.counted("filter.left", state.left) : "";
  standing.draw(state.standing);
  messages.notice("reranked", state.reranked ? told("reranked", { count: words.number(session.rerank_every) }) : "");
  messages.notice("source-notice", state.notice ? judge.sentence(visible(state.notice)) : "");
  lastWords();
  show(byId("sample"), sample !== null);
  show(byId("done"), sample === null);
  if (sample === null) done.draw(state, session, filters, changeFilters);
  else judge.draw(sample, session.task, undone);
  bar.draw(sample, session, undone ?? sample?.decision ?? null);
}

const filtered = () => filters.label !== null || filters.check !== null || filters.beyond;

async function fetchAhead() {
  if (session.kind !== "images") return;
  for (const row of state.upcoming) {
    if (ahead.has(row)) continue;
    ahead.add(row);
    try {
      neighbours.prefetch((await server.sample(row)).sample);
    } catch (error) {
      if (!(error instanceof server.NoAnswer)) throw error; // it is asked for again when its turn comes
    }
  }
}

async function speak(language, options) {
  try {
    await words.speak(language, options);
    if (state !== null) draw();
  } catch (error) {
    if (!(error instanceof server.NoAnswer)) throw error;
    aside(told(`failed.${error.kind}`));
  }
}

/** Say why nothing happens. */
function aside(text) {
  messages.saved("aside", [text]);
  messages.say(text);
}

const nameOf = (sample) => make("b", {}, make("bdi", { title: visible(sample.id) }, shortened(sample.id, 40)));
const plain = (nodes) => nodes.map((node) => (typeof node === "string" ? node : aloud(node.textContent))).join("");
