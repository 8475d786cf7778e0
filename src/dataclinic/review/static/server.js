// What the page asks of its server.

const PATIENCE_MS = 60_000;

/** The server did not answer, or said no: `kind` is "gone", "forbidden" or "refused". */
export class NoAnswer extends Error {
  constructor(kind, message = "", hint = "") {
    super(message);
    this.kind = kind;
    this.hint = hint;
  }
}

/** The answer to a GET, or to a POST where there is a `body`; throws NoAnswer. */
export async function ask(path, body) {
  const response = await sent(path, body);
  if (response.ok) return read(response);
  if (response.status === 403) throw new NoAnswer("forbidden");
  const { error, hint } = await read(response);
  throw new NoAnswer("refused", error, hint);
}

async function sent(path, body) {
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  try {
    return await fetch(path, { ...(body === undefined ? {} : post), signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new NoAnswer("gone");
  }
}

async function read(response) {
  try {
    return await response.json();
  } catch {
    throw new NoAnswer("gone"); // it broke off in the middle
  }
}

export const picture = (row, size) => `/api/pictures/${row}?size=${size}`;

export function next(filters) {
  const asked = new URLSearchParams({ beyond: filters.beyond ? "1" : "0" });
  if (filters.label !== null) asked.set("label", filters.label);
  if (filters.check !== null) asked.set("check", filters.check);
  return ask(`/api/next?${asked}`);
}

export const sample = (row) => ask(`/api/samples/${row}`);
export const decide = (row, verdict, label, filters) => ask("/api/verdicts", { row, verdict, label, filters });
export const skip = (row, filters) => ask("/api/skip", { row, filters });
export const undo = (filters) => ask("/api/undo", { filters });
