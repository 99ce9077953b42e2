import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { ask } from "../api/client";
import { Combo, type Choice } from "../ui/Combo";

export interface Hit { readonly kind: string; readonly id: string; readonly name: string; readonly what: string; readonly account: string; readonly provider: string }

export const search = (text: string, signal?: AbortSignal): Promise<{ items: readonly Hit[] }> => ask("search", { query: { q: text, limit: 12 }, signal });

interface Place { readonly to: string; readonly params?: { readonly id: string }; readonly search?: Readonly<Record<string, string>> }

/** The page of something that was found. */
export function placeOf({ kind, id }: Pick<Hit, "kind" | "id">): Place {
  switch (kind) {
    case "resource": return { to: "/resources/$id", params: { id } };
    case "finding": return { to: "/findings/$id", params: { id } };
    case "credential": return { to: "/credentials", search: { text: id } };
    case "account": return { to: "/accounts", search: { account: id } };
    case "address": return { to: "/activity", search: { ip: id } };
    default: return { to: "/identities/$id", params: { id } };
  }
}

/** Takes an ARN, a key id, a mail, an object id, a name or an address, and lands on its page. `/` brings it to hand. */
export function GlobalSearch() {
  const navigate = useNavigate();
  const box = useRef<HTMLFormElement>(null);
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const found = useQuery({ queryKey: ["search", asked], queryFn: ({ signal }) => search(asked, signal), enabled: asked.length >= 2, staleTime: 30_000 });
  const hits = asked.length >= 2 ? (found.data?.items ?? []) : [];
  const choices = hits.map((hit): Choice => ({ value: hit.id, text: hit.name || hit.id, beside: [hit.what, hit.account].filter(Boolean).join(" · ") }));

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input,textarea,select,[contenteditable],dialog");
      if ((event.key === "/" && !typing) || (event.key === "k" && (event.metaKey || event.ctrlKey))) {
        event.preventDefault();
        box.current?.querySelector("input")?.focus();
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  const go = (id: string): void => {
    const hit = hits.find((one) => one.id === id);
    if (hit) void navigate(placeOf(hit));
    else void navigate({ to: "/go/$id", params: { id } });
    setText("");
  };
  return (
    <search className="search">
      <form ref={box} onSubmit={(event) => { event.preventDefault(); if (text.trim()) go(hits.find((hit) => hit.id === text.trim() || hit.name === text.trim())?.id ?? text.trim()); }}>
        <Combo label="Search everything" hideLabel value={text} onChange={setText} choices={choices} onChoose={(choice) => go(choice.value)} placeholder="Search identities, resources, keys, addresses …  /" />
      </form>
    </search>
  );
}
