import { useNavigate } from "@tanstack/react-router";
import type { Resource } from "../../api/types";
import { ListPage, type Facet } from "../../shell/ListPage";
import { provider } from "../../shell/words";
import type { Column } from "../../ui/Table";
import { Tag, type Tone } from "../../ui/Tag";

const PUBLIC: Record<string, Tone> = { yes: "critical", conditional: "medium", blocked: "low", unknown: "unknown" };

const COLUMNS: readonly Column<Resource>[] = [
  { id: "name", title: "Name", width: 280, grow: true, order: "name", cell: (row) => <span className="cell-2" title={row.id}><span className="clip strong">{row.name || row.id}</span></span> },
  { id: "kind", title: "Kind", width: 170, order: "kind", cell: (row) => row.kind },
  { id: "provider", title: "Provider", width: 110, order: "provider", cell: (row) => provider(row.provider) },
  { id: "account", title: "Account", width: 170, order: "account", cell: (row) => <span title={row.account}>{row.account}</span> },
  { id: "public", title: "Public", width: 120, order: "public", cell: (row) => (row.public === "no" ? <span className="muted">no</span> : <Tag tone={PUBLIC[row.public] ?? "plain"} title={row.public_reason}>{row.public}</Tag>) },
  { id: "sensitivity", title: "Sensitivity", width: 110, order: "sensitivity", cell: (row) => (row.sensitivity ? <Tag tone="accent">{row.sensitivity}</Tag> : "") },
  { id: "shared", title: "Shared with", width: 110, right: true, cell: (row) => row.shared_with.length || "" },
  { id: "region", title: "Region", width: 130, order: "region", cell: (row) => row.region },
  { id: "owner", title: "Owner", width: 150, order: "owner", cell: (row) => row.owner ?? <span className="muted">nobody</span> },
];

const FACETS: readonly Facet[] = [
  { name: "provider", title: "Provider", word: provider },
  { name: "kind", title: "Kind" },
  { name: "public", title: "Public" },
  { name: "sensitivity", title: "Sensitivity" },
  { name: "account", title: "Account" },
  { name: "owner", title: "Owner" },
];

const FIELDS = ["provider", "account", "id", "name", "kind", "public", "public_reason", "sensitivity", "shared_with", "region", "owner"] as const;

/** Everything that access is about. */
export default function Resources() {
  const navigate = useNavigate();
  return <ListPage<Resource> list="resources" title="Resources" one="resource" columns={COLUMNS} facets={FACETS} fields={FIELDS} rowKey={(row) => row.provider + row.account + row.id} onOpen={(row) => void navigate({ to: "/resources/$id", params: { id: row.id } })} />;
}
