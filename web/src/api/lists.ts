import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Rows } from "../ui/Table";
import { address, ask, type Query } from "./client";
import { Problem } from "./problem";
import type { Coverage, Estate, Listed } from "./types";

export type ListName = "identities" | "resources" | "grants" | "credentials" | "trusts" | "requests" | "findings" | "coverage" | "plans";

export const PAGE = 200;
/** So many pages are asked ahead of the frame, downwards and upwards. */
const [BELOW, ABOVE] = [2, 1];

export interface ListState<Row> {
  readonly rows: Rows<Row>;
  readonly estate: Estate | undefined;
  readonly coverage: Coverage | undefined;
  /** Nothing is known yet, not even how many there are. */
  readonly pending: boolean;
  readonly error: Error | null;
  readonly again: () => void;
}

const page = <Row,>(list: ListName, query: Query, cursor: string | undefined, signal: AbortSignal): Promise<Listed<Row>> => ask<Listed<Row>>(list, { query: { ...query, limit: PAGE, cursor }, signal });

/**
 * The cursor of another position. A cursor names a list (its filters, order, estate and what is in sight) and a position in it; that of the second page is moved.
 * When the list became another meanwhile the server refuses it, and the list is asked anew.
 */
export function cursorAt(second: string, position: number): string | undefined {
  try {
    const [list] = JSON.parse(atob(second.replaceAll("-", "+").replaceAll("_", "/"))) as [string, number];
    return btoa(JSON.stringify([list, position])).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  } catch {
    return undefined;
  }
}

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

  const first = useQuery({ queryKey: [list, key, 0], queryFn: ({ signal }) => page<Row>(list, query, undefined, signal), placeholderData: keepPreviousData });
  const { refetch } = first;
  const total = first.data?.total ?? 0;
  const second = first.data?.next ?? "";
  const wanted = useMemo(() => {
    const last = Math.max(0, Math.ceil(total / PAGE) - 1);
    const begin = Math.max(1, range[0] - ABOVE);
    const end = Math.min(range[1] + BELOW, last);
    // What the frame shows is asked first.
    const away = (index: number): number => Math.max(range[0] - index, index - range[1], 0);
    return Array.from({ length: Math.max(0, end - begin + 1) }, (_, step) => begin + step).sort((a, b) => away(a) - away(b));
  }, [range, total]);
  const others = useQueries({
    queries: wanted.map((index) => ({
      queryKey: [list, key, index, second],
      queryFn: ({ signal }: { signal: AbortSignal }) => page<Row>(list, query, cursorAt(second, index * PAGE), signal),
      enabled: second !== "" && !first.isPlaceholderData,
    })),
  });
  const moved = others.some((one) => one.error instanceof Problem && one.error.kind === "usage");
  useEffect(() => { if (moved) void refetch(); }, [moved, refetch]);
  const pages = new Map<number, readonly Row[]>();
  if (first.data) pages.set(0, first.data.items);
  wanted.forEach((index, place) => { const items = others[place]?.data?.items; if (items) pages.set(index, items); });
  const failed = first.error ?? others.find((one) => one.error && !moved)?.error ?? null;
  return {
    rows: { total, at: (index) => pages.get(Math.floor(index / PAGE))?.[index % PAGE], want },
    estate: first.data?.estate,
    coverage: first.data?.coverage,
    pending: first.isPending,
    error: failed,
    again: () => { void first.refetch(); others.forEach((one) => { if (one.error) void one.refetch(); }); },
  };
}

export type Value = string | number | boolean | null;
export interface Count { readonly value: Value; readonly count: number }
/** Counts by value, facet by facet, under the same filters. */
export type Facets = Readonly<Record<string, readonly Count[]>>;

export function useFacets(list: ListName, query: Query): Facets | undefined {
  const found = useQuery<Facets>({
    queryKey: [list, "facets", JSON.stringify(query)],
    queryFn: ({ signal }) => (COUNTED_HERE.has(list) ? counted(list, query, signal) : ask<{ facets: Facets }>(`${list}/facets`, { query, signal }).then((answer) => answer.facets)),
    placeholderData: (before) => before,
  });
  return found.data;
}

/** Lists that are made whole by the server, and are short. */
const COUNTED_HERE: ReadonlySet<ListName> = new Set(["findings", "plans", "coverage"]);

async function counted(list: ListName, query: Query, signal: AbortSignal): Promise<Facets> {
  const { items } = await ask<Listed<Readonly<Record<string, unknown>>>>(list, { query: { ...query, limit: 1000 }, signal });
  const found = new Map<string, Map<Value, number>>();
  for (const [name, value] of items.flatMap((row) => Object.entries(row))) {
    if (value !== null && typeof value === "object") continue;
    const counts = found.get(name) ?? new Map<Value, number>();
    counts.set(value as Value, (counts.get(value as Value) ?? 0) + 1);
    found.set(name, counts);
  }
  return Object.fromEntries([...found].map(([name, counts]) => [name, [...counts].map(([value, count]) => ({ value, count })).sort((x, y) => y.count - x.count)]));
}

/** How many rows have one of these values; of all values where none is named. */
export function sum(counts: readonly Count[] | undefined, ...values: readonly Value[]): number | undefined {
  return counts?.reduce((total, one) => total + (values.length === 0 || values.includes(one.value) ? one.count : 0), 0);
}

/** Where the whole list lies as a file. */
export const exported = (list: ListName, query: Query, format: "csv" | "xlsx"): string => address(list, { ...query, format });
