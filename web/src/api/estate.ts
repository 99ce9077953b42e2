import { queryOptions } from "@tanstack/react-query";
import { ask } from "./client";
import type { Count } from "./lists";
import type { Coverage, Estate } from "./types";

/** One of the best things to do: what to change, what it cuts. */
export interface Action {
  readonly do: string;
  readonly cuts: string;
  readonly score: number;
  readonly severity: string;
  readonly cause: string;
  readonly id: string;
  readonly target: string;
  readonly owners: readonly string[];
  readonly about: readonly string[];
  readonly cut: { readonly principals?: number; readonly to?: string } | number | null;
  readonly creep: { readonly before: number; readonly after: number; readonly drop: number } | number | null;
  readonly findings: readonly { readonly key: string; readonly rule: string }[];
}

/** One scope of the estate, and when it was read. */
export interface Scope { readonly scope: string; readonly kind: string; readonly snapshot: string | null; readonly time: string | null; readonly stale: boolean; readonly reason: string }

export interface EstateAnswer { readonly estate: Estate; readonly coverage: Coverage; readonly items: readonly Scope[] }

/** What a part came to that is worked out ahead, or why it could not be. */
export type Worked<Part> = Part | { readonly unknown: string };

export interface Overview {
  readonly estate: Estate;
  readonly coverage: Coverage;
  readonly lists: Readonly<Record<string, { readonly total: number; readonly by: Readonly<Record<string, readonly Count[]>> }>>;
  readonly findings: { readonly total: number; readonly severities: Readonly<Record<string, number>>; readonly undecided: number };
  /** Null until a job `analyse` has worked this estate out. */
  readonly worked: {
    readonly findings?: Worked<{ readonly top: readonly Action[] }>;
    readonly privileged?: Worked<{ readonly count: number; readonly by_state: Readonly<Record<string, number>> }>;
    readonly made?: string;
  } | null;
}

/** Findings of a rule in an account. */
export interface Cell { readonly provider: string; readonly account: string; readonly rule: string; readonly severity: string; readonly count: number }

export const overview = () => queryOptions({ queryKey: ["overview"], queryFn: ({ signal }) => ask<Overview>("overview", { signal }), staleTime: 15_000, refetchInterval: 60_000 });
export const heatmap = () => queryOptions({ queryKey: ["heatmap"], queryFn: ({ signal }) => ask<{ items: readonly Cell[] }>("heatmap", { signal }), staleTime: 60_000 });
export const estate = () => queryOptions({ queryKey: ["estate"], queryFn: ({ signal }) => ask<EstateAnswer>("estate", { signal }), staleTime: 15_000, refetchInterval: 60_000 });
export const top = () => queryOptions({ queryKey: ["top"], queryFn: ({ signal }) => ask<{ items: readonly Action[] }>("top", { signal }), staleTime: 60_000 });
