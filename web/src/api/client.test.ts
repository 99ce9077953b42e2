import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { address, ask, segment, setCsrf, setSignIn } from "./client";
import { Problem } from "./problem";

const fetched = vi.fn<typeof fetch>();
const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Response => new Response(body === undefined ? null : JSON.stringify(body), { status, headers });

beforeEach(() => { vi.stubGlobal("fetch", fetched); fetched.mockReset(); });
afterEach(() => { setCsrf(""); setSignIn(null); vi.unstubAllGlobals(); });

const headers = (call: number): Record<string, string> => (fetched.mock.calls[call]?.[1]?.headers ?? {}) as Record<string, string>;

describe("addresses", () => {
  it("leaves out what is empty and repeats lists", () => expect(address("identities", { text: "", sort: undefined, mfa: false, kind: ["human", "role"], limit: 100 })).toBe("/api/v1/identities?mfa=false&kind=human&kind=role&limit=100"));
  it("makes one segment of any id", () => expect(segment("arn:aws:iam::1:role/a/b?c#d%e")).toBe("arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa%2Fb%3Fc%23d%25e"));
});

describe("ask", () => {
  it("sends the session's token with what changes something, and only then", async () => {
    setCsrf("token");
    fetched.mockImplementation(() => Promise.resolve(answer(200, {})));
    await ask("me");
    await ask("findings/mutes", { method: "POST", body: { key: "1" } });
    expect(headers(0)).not.toHaveProperty("X-CSRF-Token");
    expect(headers(1)).toMatchObject({ "X-CSRF-Token": "token", "Content-Type": "application/json" });
  });

  it("makes a Problem of an error, with what is wrong and how long to wait", async () => {
    fetched.mockResolvedValue(answer(503, { type: "urn:leastwise:problem:store", title: "store", status: 503, detail: "the store cannot do its work", request: "ab12", errors: [] }, { "Retry-After": "2" }));
    const error = await ask("identities").catch((one: unknown) => one);
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ status: 503, kind: "store", message: "the store cannot do its work", request: "ab12", wait: 2, passing: true });
  });

  it("says that no answer came", async () => {
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    await expect(ask("identities")).rejects.toMatchObject({ status: 0, kind: "offline", passing: true });
  });

  it("survives an error that is no JSON", async () => {
    fetched.mockResolvedValue(new Response("<html>bad gateway</html>", { status: 502 }));
    await expect(ask("identities")).rejects.toMatchObject({ status: 502, message: "The server answered 502." });
  });

  it("waits for one new session when several requests meet the end of the old, and sends each again with the new token", async () => {
    setCsrf("old");
    const renewed = vi.fn(() => { setCsrf("new"); return Promise.resolve(); });
    setSignIn(renewed);
    fetched.mockImplementation((_, asked) => Promise.resolve((asked?.headers as Record<string, string>)["X-CSRF-Token"] === "new" || renewed.mock.calls.length > 0 ? answer(200, { done: true }) : answer(401, { type: "urn:leastwise:problem:sign-in" })));
    const results = await Promise.all([ask("findings/mutes", { method: "POST", body: { reason: "typed for long" } }), ask("identities")]);
    expect(results).toEqual([{ done: true }, { done: true }]);
    expect(renewed).toHaveBeenCalledOnce();
    const again = fetched.mock.calls.filter((call) => call[1]?.method === "POST");
    expect(again.map((call) => call[1]?.body)).toEqual(Array(again.length).fill(JSON.stringify({ reason: "typed for long" })));
  });

  it("does not ask to sign in where signing in itself was refused", async () => {
    const renewed = vi.fn(() => Promise.resolve());
    setSignIn(renewed);
    fetched.mockResolvedValue(answer(401, { type: "urn:leastwise:problem:sign-in", detail: "name or password is wrong" }));
    await expect(ask("session", { method: "POST", body: {} })).rejects.toMatchObject({ status: 401, message: "name or password is wrong" });
    expect(renewed).not.toHaveBeenCalled();
  });
});
