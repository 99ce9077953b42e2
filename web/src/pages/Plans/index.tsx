import { useNavigate } from "@tanstack/react-router";
import { ListPage, type Facet } from "../../shell/ListPage";
import { ThingLink } from "../../shell/words";
import { minute } from "../../ui/numbers";
import type { Column } from "../../ui/Table";
import { Tag } from "../../ui/Tag";

interface Plan { readonly id: string; readonly subject: string; readonly provider: string; readonly account: string; readonly kind: string; readonly sentence: string; readonly ready: boolean; readonly creep_drop: number | null; readonly owner: string | null; readonly approver: string | null; readonly made: string | null }

const COLUMNS: readonly Column<Plan>[] = [
  { id: "subject", title: "Of", width: 220, grow: true, order: "subject", cell: (row) => <ThingLink id={row.subject} /> },
  { id: "sentence", title: "What it changes", width: 320, grow: true, cell: (row) => <span title={row.sentence}>{row.sentence}</span> },
  { id: "ready", title: "State", width: 110, order: "ready", cell: (row) => (row.ready ? <Tag tone="good" icon="check">ready</Tag> : <Tag tone="unknown" icon="unknown">not ready</Tag>) },
  { id: "creep", title: "Creep index", width: 110, right: true, order: "creep_drop", cell: (row) => (row.creep_drop ? `−${row.creep_drop}` : "") },
  { id: "owner", title: "Owner", width: 140, order: "owner", cell: (row) => row.owner ?? <span className="muted">nobody</span> },
  { id: "made", title: "Made", width: 180, order: "made", cell: (row) => minute(row.made) },
];

const FACETS: readonly Facet[] = [{ name: "owner", title: "Owner" }, { name: "account", title: "Account" }, { name: "ready", title: "State", word: (value) => (value === "true" ? "ready" : "not ready") }];

/** Saved plans: what each changes, with proof and owner. */
export default function Plans() {
  const navigate = useNavigate();
  return <ListPage<Plan> list="plans" title="Plans" one="plan" columns={COLUMNS} facets={FACETS} rowKey={(row) => row.id} onOpen={(row) => void navigate({ to: "/plans/$id", params: { id: row.id } })} />;
}
