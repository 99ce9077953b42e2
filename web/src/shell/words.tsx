import { Link } from "@tanstack/react-router";
import { use } from "react";
import { ago, day, tail } from "../ui/numbers";
import { Tag, type Tone } from "../ui/Tag";
import type { IconName } from "../ui/icons";
import { ClockContext } from "./clock";

const PROVIDERS: Record<string, string> = { aws: "AWS", azure: "Azure", entra: "Entra", gcp: "Google Cloud", kubernetes: "Kubernetes", okta: "Okta", github: "GitHub", gitlab: "GitLab", google_workspace: "Workspace" };
export const provider = (name: string): string => PROVIDERS[name] ?? name;

/** A word of the model as people read it: `identity_center_role` is "identity center role". */
export const plain = (word: string): string => word.replaceAll("_", " ");

const KINDS: Record<string, IconName> = { human: "identity", workload: "machine", group: "group", external: "out", device: "machine", agent: "bolt", role: "key", service: "settings" };
export const kindIcon = (kind: string): IconName => KINDS[kind] ?? "identity";

const ADMIN: Record<string, readonly [Tone, string] | undefined> = {
  yes: ["critical", "admin"], conditional: ["medium", "admin, conditional"], limited: ["medium", "limited admin"], unknown: ["unknown", "admin unknown"],
};

/** Whether somebody is an administrator; nothing is shown for a plain no. */
export function Admin({ of }: { of: string }) {
  const word = ADMIN[of];
  return word ? <Tag tone={word[0]}>{word[1]}</Tag> : <span className="muted">no</span>;
}

/** How long before the estate's time something was; its day until that time is known, nothing where it has none. */
export function Ago({ at }: { at: string | null }) {
  const now = use(ClockContext);
  return <span title={day(at)}>{now === null ? day(at) : ago(at, new Date(now))}</span>;
}

/** When something was last used; what is not known is not "never". */
export function LastUsed({ at, known }: { at: string | null; known: boolean }) {
  if (at) return <Ago at={at} />;
  return <span className="muted">{known ? "never" : "not known"}</span>;
}

export function Yes({ of }: { of: boolean | null }) {
  return of === null ? <span className="muted">not known</span> : of ? <span>yes</span> : <span className="muted">no</span>;
}

export function IdentityLink({ id, name }: { id: string; name?: string | null | undefined }) {
  return <Link to="/identities/$id" params={{ id }} title={id}>{name ? name : tail(id)}</Link>;
}

export function ResourceLink({ id, name }: { id: string; name?: string | null | undefined }) {
  return <Link to="/resources/$id" params={{ id }} title={id}>{name ? name : tail(id)}</Link>;
}

/** A link to whatever an id names; the page behind it finds out. */
export function ThingLink({ id, name }: { id: string; name?: string | null | undefined }) {
  return <Link to="/go/$id" params={{ id }} title={id}>{name ? name : tail(id)}</Link>;
}
