import { ask, setCsrf } from "./client";
import type { Me } from "./types";

/** What the page must know before anybody is signed in. */
export interface Session {
  readonly signed_in: boolean;
  /** No account exists yet: the first is made with the set-up token that the server printed. */
  readonly setup: boolean;
  /** The name of the identity provider of this server, where there is one. */
  readonly oidc: string | null;
  readonly csrf: string;
}

export async function session(): Promise<Session> {
  const found = await ask<Partial<Session>>("session");
  if (found.csrf) setCsrf(found.csrf);
  return { signed_in: found.signed_in ?? false, setup: found.setup ?? false, oidc: found.oidc ?? null, csrf: found.csrf ?? "" };
}

export const me = (): Promise<Me> => ask<Me>("me");

export async function signIn(name: string, password: string): Promise<void> {
  const found = await ask<{ csrf?: string } | undefined>("session", { method: "POST", body: { name, password } });
  if (found?.csrf) setCsrf(found.csrf);
}

export async function setUp(token: string, name: string, password: string): Promise<void> {
  const found = await ask<{ csrf?: string } | undefined>("session/setup", { method: "POST", body: { token, name, password } });
  if (found?.csrf) setCsrf(found.csrf);
}

export async function signOut(): Promise<void> {
  await ask("session", { method: "DELETE" });
  setCsrf("");
}

/** Where the browser goes to sign in at the identity provider; it comes back to the same address of the page. */
export const oidcStart = (): string => `/api/v1/session/oidc/start?${new URLSearchParams({ next: location.pathname + location.search }).toString()}`;
