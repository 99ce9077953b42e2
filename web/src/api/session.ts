import { ask, setCsrf } from "./client";
import type { Me } from "./types";

/** What the page must know before anybody is signed in. */
export interface Session {
  readonly signed_in: boolean;
  readonly name: string;
  readonly csrf: string | null;
  /** No account exists yet: the first is made with the set-up token that the server printed. */
  readonly set_up: boolean;
  /** `password`, `oidc`; none where nobody signs in. */
  readonly ways: readonly string[];
}

const kept = (found: Session): Session => { setCsrf(found.csrf ?? ""); return found; };

export const session = async (): Promise<Session> => kept(await ask<Session>("session"));

export const me = (): Promise<Me> => ask<Me>("me");

export async function signIn(name: string, password: string): Promise<void> {
  kept(await ask<Session>("session", { method: "POST", body: { name, password } }));
}

export async function setUp(token: string, name: string, password: string): Promise<void> {
  kept(await ask<Session>("session/setup", { method: "POST", body: { token, name, password } }));
}

/** Signs out; the address where the issuer is left too, if there is one. */
export async function signOut(): Promise<string | null> {
  const { sign_out } = await ask<{ sign_out: string | null }>("session", { method: "DELETE" });
  setCsrf("");
  return sign_out;
}

/** Where the browser goes to sign in at the identity provider; it comes back to the same address of the page. */
export const oidcStart = (): string => `/api/v1/session/oidc/start?${new URLSearchParams({ next: location.pathname === "/sign-in" ? "/" : location.pathname + location.search }).toString()}`;
