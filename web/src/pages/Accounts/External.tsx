import { useQuery } from "@tanstack/react-query";
import { ask } from "../../api/client";
import type { Leaf } from "../../api/types";
import { Answered } from "../../shell/Answered";
import { plain, ThingLink } from "../../shell/words";
import { many, tail } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { held, Table, type Column } from "../../ui/Table";
import { Answer } from "../../ui/Tag";

interface Way { readonly resource: string; readonly kind: string; readonly account: string; readonly principal: string; readonly principal_kind: string; readonly permissions: readonly string[]; readonly state: string; readonly residual: readonly (readonly Leaf[])[]; readonly trusted: string }

const COLUMNS: readonly Column<Way>[] = [
  { id: "who", title: "From outside", width: 240, grow: true, cell: (row) => <span title={row.principal}>{row.principal === "*" ? "everybody" : tail(row.principal)}</span> },
  { id: "kind", title: "Kind", width: 120, cell: (row) => plain(row.principal_kind) },
  { id: "resource", title: "Reaches", width: 240, grow: true, cell: (row) => <ThingLink id={row.resource} /> },
  { id: "account", title: "In account", width: 150, cell: (row) => row.account },
  { id: "may", title: "May", width: 180, cell: (row) => <span title={row.permissions.slice(0, 40).join(", ")}>{row.permissions.length === 1 ? row.permissions[0] : many(row.permissions.length, "permission")}</span> },
  { id: "state", title: "Answer", width: 130, cell: (row) => <Answer state={row.state} /> },
];

/** Whom outside the estate our resources and roles let in. */
export function External() {
  const found = useQuery({ queryKey: ["external"], queryFn: ({ signal }) => ask<{ items: readonly Way[] }>("external", { query: { limit: 1000 }, signal }), staleTime: 60_000 });
  return <Answered of={found} waiting="Asking who can come in" lines={8}>{(answer) => (answer.items.length === 0 ? <Said icon="check" title="Nobody outside is known to come in" /> : <div className="tall"><Table label="Ways in from outside" columns={COLUMNS} rows={held(answer.items)} rowKey={(row) => `${row.resource} ${row.principal} ${row.state} ${row.permissions[0] ?? ""} ${JSON.stringify(row.residual)}`} /></div>)}</Answered>;
}
