import { queryOptions } from "@tanstack/react-query";
import { ask, segment } from "./client";
import type { Coverage, Credential, Cube, Estate, Finding, Grant, Identity } from "./types";
import type { Creep } from "./use";

export interface Part<Row> { readonly items: readonly Row[]; readonly total: number }

export interface TrustRow { readonly subject_kind: string; readonly subject: string; readonly subject_account: string; readonly conditional: boolean; readonly external_trusted: boolean; readonly source: string }

export interface IdentityAnswer {
  readonly estate: Estate;
  readonly coverage: Coverage;
  readonly identity: Identity;
  readonly credentials: Part<Credential>;
  readonly grants: Part<Grant>;
  readonly trusts: Part<TrustRow>;
  readonly persons: readonly { readonly name?: string; readonly accounts?: readonly { readonly id: string; readonly name: string; readonly provider: string; readonly why?: string }[] }[];
  readonly findings: readonly Finding[];
  readonly creep: Creep | null;
  readonly counts: Readonly<Record<string, number>> | null;
  readonly services: readonly ServiceUse[];
  readonly use_missing: string;
}

export interface Permission {
  readonly provider: string;
  readonly permission: string;
  readonly state: string;
  readonly access: string;
  readonly resources: readonly string[];
  readonly sensitivity: string;
  readonly count: number;
  readonly last_used: string | null;
  readonly missing: string;
  readonly grants: readonly string[];
}

export interface ServiceUse { readonly provider: string; readonly service: string; readonly can: number; readonly did: number; readonly implied: number; readonly never_did: number; readonly cannot_know: number; readonly last_used: string | null }

export interface UsageAnswer {
  readonly window: { readonly begin: string; readonly end: string; readonly days: number } | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly creep: Creep | null;
  readonly items: readonly Permission[];
}

export interface Change { readonly at: string; readonly what: string; readonly verb: string; readonly object: string; readonly object_name: string; readonly by: string; readonly event: string }

export interface Recommendation {
  readonly principal: string;
  readonly sentence: string;
  readonly ready: boolean;
  readonly blocked: string;
  readonly owner: string | null;
  readonly kept: readonly { readonly permission: string; readonly why: string; readonly detail: string }[];
  readonly removed: readonly string[];
  readonly proof: { readonly holds: boolean; readonly narrower: { readonly state: string; readonly why: string }; readonly enough: { readonly state: string; readonly why: string } } | null;
  readonly replay: { readonly calls: number; readonly distinct: number; readonly would_break: number } | null;
  readonly documents: { readonly before: readonly Held[]; readonly after: readonly Held[] };
  readonly patches?: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

export interface Held { readonly policy: string; readonly id: string; readonly on: string; readonly document: unknown }

const part = <Answer,>(id: string, name: string) => queryOptions({ queryKey: ["identity", id, name], queryFn: ({ signal }) => ask<Answer>(`identities/${segment(id)}/${name}`, { signal }), staleTime: 60_000 });

export const identity = (id: string) => queryOptions({ queryKey: ["identity", id], queryFn: ({ signal }) => ask<IdentityAnswer>(`identities/${segment(id)}`, { signal }), staleTime: 60_000 });
export const effective = (id: string) => part<{ items: readonly Cube[]; eligible?: readonly unknown[] }>(id, "effective");
export const usageOf = (id: string) => part<UsageAnswer>(id, "gap");
export const historyOf = (id: string) => part<{ items: readonly Change[] }>(id, "history");
export const recommendation = (id: string) => part<Recommendation>(id, "recommendation");
