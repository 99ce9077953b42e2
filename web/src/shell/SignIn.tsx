import { useQuery } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { told } from "../api/problem";
import { oidcStart, session, setUp, signIn } from "../api/session";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Waiting } from "../ui/Said";
import { Mark } from "./Mark";

/** The whole page where nobody is signed in. */
export function SignInPage({ done }: { done: () => void }) {
  return (
    <main className="door">
      <div className="door-card">
        <div className="row"><Mark /><span className="brand">Leastwise</span></div>
        <Form done={done} />
      </div>
    </main>
  );
}

/** Over a page whose session ended: what was typed there stays. */
export function SignInDialog({ name, done }: { name: string; done: () => void }) {
  return (
    <Dialog title="Your session has ended">
      <p className="muted">Sign in again to go on. Nothing on this page is lost.</p>
      <Form done={done} name={name} />
    </Dialog>
  );
}

/** What the way over the issuer came to, as the address of the page says. */
const PROBLEMS: Record<string, string> = {
  "sign-in": "Your organization did not vouch for you. Try again.",
  refused: "You are known, but no duty is given to you here. Ask an administrator of this server.",
  unavailable: "Your organization's sign-in cannot be reached. Try again later.",
};

function Form({ done, name = "" }: { done: () => void; name?: string }) {
  const [fields, setFields] = useState({ token: "", name, password: "" });
  const [wrong, setWrong] = useState(() => PROBLEMS[new URLSearchParams(location.search).get("problem") ?? ""] ?? "");
  const [busy, setBusy] = useState(false);
  const asked = useQuery({ queryKey: ["session"], queryFn: session, retry: 3, staleTime: 0 });
  if (asked.isPending) return <Waiting lines={3} />;
  const setup = asked.data?.set_up ?? false;
  const ways = asked.data?.ways ?? ["password"];
  const oidc = ways.includes("oidc") && !setup;
  const change = (part: Partial<typeof fields>): void => setFields((now) => ({ ...now, ...part }));
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setBusy(true);
    setWrong("");
    (setup ? setUp(fields.token.trim(), fields.name.trim(), fields.password) : signIn(fields.name.trim(), fields.password))
      .then(done, (error: unknown) => setWrong(told(error)))
      .finally(() => setBusy(false));
  };
  return (
    <form className="stack" onSubmit={submit}>
      {name === "" && <h1>{setup ? "Make the first account" : "Sign in"}</h1>}
      {setup && <p className="muted">The server printed a set-up token when it started. It works once.</p>}
      {oidc && <a className="button main" href={oidcStart()}>Continue with your organization</a>}
      {setup && <Field label="Set-up token" value={fields.token} onChange={(token) => change({ token })} required />}
      <Field label="Name" value={fields.name} onChange={(value) => change({ name: value })} autoComplete="username" required />
      <Field label="Password" type="password" value={fields.password} onChange={(password) => change({ password })} autoComplete={setup ? "new-password" : "current-password"} hint={setup ? "At least 12 characters." : undefined} required />
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
      <Button type="submit" look={oidc ? undefined : "main"} disabled={busy}>{setup ? "Create account" : "Sign in"}</Button>
    </form>
  );
}
