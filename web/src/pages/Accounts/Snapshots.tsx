import { useQuery } from "@tanstack/react-query";
import { ask } from "../../api/client";
import { Answered } from "../../shell/Answered";
import { provider } from "../../shell/words";
import { minute, short } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { held, Table, type Column } from "../../ui/Table";
import { Tag } from "../../ui/Tag";

interface Snapshot { readonly id: string; readonly provider: string; readonly scope: string; readonly time: string; readonly committed: string; readonly state: string; readonly bytes: number | null; readonly engine_version: string }

const COLUMNS: readonly Column<Snapshot>[] = [
  { id: "scope", title: "Account", width: 240, grow: true, cell: (row) => <span className="strong" title={row.id}>{row.scope}</span> },
  { id: "provider", title: "Provider", width: 130, cell: (row) => provider(row.provider) },
  { id: "time", title: "Of", width: 190, cell: (row) => minute(row.time) },
  { id: "committed", title: "Taken in", width: 190, cell: (row) => minute(row.committed) },
  { id: "state", title: "State", width: 120, cell: (row) => <Tag tone={row.state === "complete" ? "good" : "medium"}>{row.state}</Tag> },
  { id: "bytes", title: "Bytes", width: 90, right: true, cell: (row) => (row.bytes === null ? "" : short(row.bytes)) },
];

/** Every snapshot, the newest first. */
export function Snapshots() {
  const found = useQuery({ queryKey: ["snapshots"], queryFn: ({ signal }) => ask<{ items: readonly Snapshot[] }>("snapshots", { query: { limit: 1000 }, signal }), staleTime: 60_000 });
  return <Answered of={found} lines={8}>{(answer) => (answer.items.length === 0 ? <Said title="There is no snapshot yet">Collect or import something first: leastwise collect, leastwise import.</Said> : <div className="tall"><Table label="Snapshots" columns={COLUMNS} rows={held(answer.items.toReversed())} rowKey={(row) => row.id} /></div>)}</Answered>;
}
