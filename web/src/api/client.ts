import { Problem, problemOf } from "./problem";

/** What may stand in a query: lists become repeated names, what is empty is left out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;

export interface Asked {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  query?: Query;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

const BASE = "/api/v1";

let csrf = "";
let signingIn: Promise<void> | null = null;
let signIn: (() => Promise<void>) | null = null;

/** The session's token, which goes with every request that changes something. */
export function setCsrf(token: string): void { csrf = token; }

/** How a session that ended is begun again; requests wait for it. The page that asked stays as it is. */
export function setSignIn(how: (() => Promise<void>) | null): void { signIn = how; }

/** One segment of a path. */
export const segment = (id: string): string => encodeURIComponent(id);

export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) search.append(name, one);
  }
  const text = search.toString();
  return `${BASE}/${path}${text ? `?${text}` : ""}`;
}

async function send(path: string, { method = "GET", query, body, signal }: Asked): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  const wanted: RequestInit = { method, headers, credentials: "same-origin", body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null };
  try {
    return await fetch(address(path, query), wanted);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "offline", "The server cannot be reached.");
  }
}

/** Asks the API. Raises Problem; a session that ended is renewed once, and the request goes out again. */
export async function ask<Answer>(path: string, asked: Asked = {}): Promise<Answer> {
  let response = await send(path, asked);
  if (response.status === 401 && signIn && path !== "session" && path !== "session/setup") {
    signingIn ??= signIn().finally(() => { signingIn = null; });
    await signingIn;
    response = await send(path, asked);
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}
