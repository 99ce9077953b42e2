import { ListPage } from "../../shell/ListPage";
import { ThingLink } from "../../shell/words";
import { minute } from "../../ui/numbers";
import type { Column } from "../../ui/Table";
import { Tag, type Tone } from "../../ui/Tag";

interface Plan { readonly id: string; readonly made?: string; readonly saved?: string; readonly state?: string; readonly owner?: string | null; readonly principals?: readonly string[]; readonly sentence?: string }

const STATES: Record<string, Tone> = { ready: "good", applied: "accent", blocked: "medium", stale: "medium" };

const COLUMNS: readonly Column<Plan>[] = [
  { id: "id", title: "Plan", width: 150, cell: (row) => <code>{row.id}</code> },
  { id: "what", title: "What it changes", width: 320, grow: true, cell: (row) => row.sentence ?? row.principals?.slice(0, 3).map((one) => <ThingLink key={one} id={one} />) ?? "" },
  { id: "state", title: "State", width: 120, cell: (row) => (row.state ? <Tag tone={STATES[row.state] ?? "plain"}>{row.state}</Tag> : "") },
  { id: "owner", title: "Owner", width: 150, cell: (row) => row.owner ?? <span className="muted">nobody</span> },
  { id: "saved", title: "Saved", width: 190, cell: (row) => minute(row.saved ?? row.made) },
];

/** Saved plans: what each changes, with proof and owner. */
export default function Plans() {
  return <ListPage<Plan> list="plans" title="Plans" one="plan" columns={COLUMNS} facets={[]} rowKey={(row) => row.id} />;
}
