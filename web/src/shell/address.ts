import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Search = Readonly<Record<string, string>>;

/** What stands behind the question mark, as plain words: links stay readable, and what is not text is left out. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const kept = Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === "string" && pair[1] !== "");
  const text = new URLSearchParams(kept).toString();
  return text ? `?${text}` : "";
}

/** The page's state, which lies in its address; an empty value leaves it. */
export function useAddress(): [Search, (change: Record<string, string | undefined>, push?: boolean) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback((change: Record<string, string | undefined>, push = false) => {
    void navigate({ to: ".", search: (now: Record<string, unknown>) => ({ ...now, ...change }), replace: !push });
  }, [navigate]);
  return [search, set];
}

/** The id that the address names. */
export function useId(): string {
  const params: Readonly<Record<string, string | undefined>> = useParams({ strict: false });
  return params.id ?? "";
}
