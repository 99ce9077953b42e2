import { queryOptions } from "@tanstack/react-query";
import { ask } from "./client";

export interface Creep { readonly index: number; readonly at_most: number; readonly parts: Readonly<Record<string, number>> }

export interface GapRow {
  readonly principal: string;
  readonly provider: string;
  readonly name: string;
  readonly kind: string;
  readonly account: string;
  readonly granted: number | null;
  readonly used: number | null;
  readonly implied: number | null;
  readonly unused: number | null;
  readonly unobservable: number | null;
  readonly unused_share: number | null;
  readonly last_used: string | null;
  readonly creep: Creep | null;
}

export interface Gap {
  readonly window: { readonly begin: string; readonly end: string; readonly days: number };
  readonly items: readonly GapRow[];
  readonly total: number;
  readonly creep: Creep | number | null;
}

export const gap = () => queryOptions({ queryKey: ["gap"], queryFn: ({ signal }) => ask<Gap>("gap", { query: { limit: 100 }, signal }), staleTime: 60_000 });
