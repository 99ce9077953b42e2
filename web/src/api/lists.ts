import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Rows } from "../ui/Table";
import { address, ask, type Query } from "./client";
import type { Coverage, Estate, Listed } from "./types";

export type ListName = "identities" | "resources" | "grants" | "credentials" | "trusts" | "requests" | "findings" | "coverage" | "plans";

export const PAGE = 100;

export interface ListState<Row> {
  readonly rows: Rows<Row>;
  readonly estate: Estate | undefined;
  readonly coverage: Coverage | undefined;
  /** Nothing is known yet, not even how many there are. */
  readonly pending: boolean;
  readonly error: Error | null;
  readonly again: () => void;
}

const page = <Row,>(list: ListName, query: Query, index: number, signal?: AbortSignal): Promise<Listed<Row>> =>
  ask<Listed<Row>>(list, { query: { ...query, limit: PAGE, offset: index * PAGE || undefined }, signal });

/** A list of any length: the pages around what is shown are asked, those left behind are cancelled. */
export function useRows<Row>(list: ListName, query: Query): ListState<Row> {
  const [range, setRange] = useState<readonly [number, number]>([0, 0]);
  const key = JSON.stringify(query);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef<readonly [number, number]>(range);
  const want = useCallback((first: number, end: number) => {
    latest.current = [Math.floor(first / PAGE), Math.floor(Math.max(first, end) / PAGE)];
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setRange((now) => (now[0] === latest.current[0] && now[1] === latest.current[1] ? now : latest.current));
    }, 30);
  }, []);
  useEffect(() => () => { clearTimeout(timer.current); timer.current = undefined; }, []);

  const first = useQuery({ queryKey: [list, key, 0], queryFn: ({ signal }) => page<Row>(list, query, 0, signal), placeholderData: keepPreviousData });
  const total = first.data?.total ?? 0;
  const wanted = useMemo(() => {
    const last = Math.max(0, Math.ceil(total / PAGE) - 1);
    const end = Math.min(range[1] + 1, last);
    return Array.from({ length: Math.max(0, end - range[0] + 1) }, (_, step) => range[0] + step).filter((index) => index > 0);
  }, [range, total]);
  const others = useQueries({
    queries: wanted.map((index) => ({ queryKey: [list, key, index], queryFn: ({ signal }: { signal: AbortSignal }) => page<Row>(list, query, index, signal) })),
  });
  const pages = new Map<number, readonly Row[]>();
  if (first.data) pages.set(0, first.data.items);
  wanted.forEach((index, place) => { const items = others[place]?.data?.items; if (items) pages.set(index, items); });
  const failed = first.error ?? others.find((one) => one.error)?.error ?? null;
  return {
    rows: { total, at: (index) => pages.get(Math.floor(index / PAGE))?.[index % PAGE], want },
    estate: first.data?.estate,
    coverage: first.data?.coverage,
    pending: first.isPending,
    error: failed,
    again: () => { void first.refetch(); others.forEach((one) => { if (one.error) void one.refetch(); }); },
  };
}

/** Counts by value, facet by facet, under the same filters. */
export type Facets = Readonly<Record<string, Readonly<Record<string, number>>>>;

export function useFacets(list: ListName, query: Query): Facets | undefined {
  const found = useQuery({
    queryKey: [list, "facets", JSON.stringify(query)],
    queryFn: ({ signal }) => ask<{ facets: Facets }>(`${list}/facets`, { query, signal }),
    placeholderData: keepPreviousData,
  });
  return found.data?.facets;
}

/** Where the whole list lies as a file. */
export const exported = (list: ListName, query: Query, format: "csv" | "xlsx" | "json"): string => address(list, { ...query, format });
