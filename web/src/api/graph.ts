import { queryOptions } from "@tanstack/react-query";
import { ask, segment, type Query } from "./client";
import type { Path } from "./types";

export interface Ways { readonly items: readonly Path[]; readonly next: string | null; readonly missing: readonly string[] }

export interface Choke {
  readonly grant: { readonly provider: string; readonly account: string; readonly layer: string; readonly policy: string; readonly statement: string; readonly source: string; readonly text: string };
  readonly cuts: number;
  readonly principals: readonly string[];
  readonly names: readonly string[];
  readonly remediation: readonly string[];
}

export interface Chokes { readonly reaching: number; readonly left: number; readonly items: readonly Choke[]; readonly missing: readonly string[] }

export interface Privileged {
  readonly provider: string;
  readonly principal: string;
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly steps: number;
  readonly administers: readonly { readonly account: string; readonly state: string }[];
  readonly first: string;
  readonly path: readonly string[];
}

export const paths = (query: Query) => queryOptions({ queryKey: ["paths", JSON.stringify(query)], queryFn: ({ signal }) => ask<Ways>("paths", { query: { ...query, limit: 500 }, signal }), staleTime: 60_000 });
export const pathsOf = (id: string) => queryOptions({ queryKey: ["identity", id, "paths"], queryFn: ({ signal }) => ask<Ways>(`identities/${segment(id)}/paths`, { signal }), staleTime: 60_000 });
export const chokes = () => queryOptions({ queryKey: ["choke-points"], queryFn: ({ signal }) => ask<Chokes>("choke-points", { signal }), staleTime: 60_000 });
export const privileged = () => queryOptions({ queryKey: ["privileged"], queryFn: ({ signal }) => ask<{ items: readonly Privileged[] }>("privileged", { query: { limit: 1000 }, signal }), staleTime: 60_000 });
