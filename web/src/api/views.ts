import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, segment } from "./client";

/** A saved view: a list's filters and order, under a name. */
export interface View { readonly id: string; readonly list: string; readonly name: string; readonly query: string }

export const useViews = (list: string) =>
  useQuery({ queryKey: ["views"], queryFn: ({ signal }) => ask<{ items: readonly View[] }>("views", { signal }), select: (found) => found.items.filter((view) => view.list === list), retry: false, staleTime: 60_000 });

export function useViewChanges() {
  const queries = useQueryClient();
  const done = (): void => { void queries.invalidateQueries({ queryKey: ["views"] }); };
  const save = useMutation({ mutationFn: (view: Omit<View, "id">) => ask("views", { method: "POST", body: view }), onSuccess: done });
  const drop = useMutation({ mutationFn: (id: string) => ask(`views/${segment(id)}`, { method: "DELETE" }), onSuccess: done });
  return { save, drop };
}
