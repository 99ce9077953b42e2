import { useNavigate } from "@tanstack/react-router";
import type { Finding } from "../../api/types";
import { ListPage, type Facet } from "../../shell/ListPage";
import { provider, ThingLink } from "../../shell/words";
import type { Column } from "../../ui/Table";
import { Severity, Tag } from "../../ui/Tag";

const COLUMNS: readonly Column<Finding>[] = [
  { id: "severity", title: "Severity", width: 100, order: "severity", cell: (row) => <Severity of={row.severity} /> },
  { id: "message", title: "Finding", width: 360, grow: true, order: "title", cell: (row) => <span title={row.message}><span className="strong">{row.title}</span> <span className="muted">· {row.message}</span></span> },
  { id: "subject", title: "About", width: 220, order: "subject", cell: (row) => <ThingLink id={row.subject} /> },
  { id: "provider", title: "Provider", width: 110, order: "provider", cell: (row) => provider(row.provider) },
  { id: "account", title: "Account", width: 150, order: "account", cell: (row) => <span title={row.account}>{row.account}</span> },
  { id: "owner", title: "Owner", width: 140, order: "owner", cell: (row) => row.owner ?? <span className="muted">nobody</span> },
  { id: "state", title: "Status", width: 90, cell: (row) => (row.muted ? <Tag tone="outline" icon="mute" title={row.muted.reason}>muted</Tag> : "open") },
];

const FACETS: readonly Facet[] = [
  { name: "severity", title: "Severity", word: (value) => (value === "critical" ? value : `${value} and worse`) },
  { name: "rule", title: "Rule" },
  { name: "provider", title: "Provider", word: provider },
  { name: "account", title: "Account" },
  { name: "owner", title: "Owner" },
];

/** What rules found, worst first. */
export default function Findings() {
  const navigate = useNavigate();
  return <ListPage<Finding> list="findings" title="Findings" one="finding" columns={COLUMNS} facets={FACETS} rowKey={(row) => row.key} onOpen={(row) => void navigate({ to: "/findings/$id", params: { id: row.key } })} />;
}
