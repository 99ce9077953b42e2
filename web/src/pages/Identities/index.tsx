import { useNavigate } from "@tanstack/react-router";
import type { Identity } from "../../api/types";
import { ListPage, type Facet } from "../../shell/ListPage";
import { Admin, kindIcon, LastUsed, plain, provider } from "../../shell/words";
import { Icon } from "../../ui/icons";
import type { Column } from "../../ui/Table";
import { Tag } from "../../ui/Tag";

const COLUMNS: readonly Column<Identity>[] = [
  { id: "name", title: "Name", width: 230, grow: true, order: "name", cell: (row) => (
    <span className="cell-2" title={row.id}><Icon name={kindIcon(row.kind)} /><span className="clip strong">{row.name}</span>{row.leaver && <Tag tone="high">has left</Tag>}{row.external && <Tag tone="outline">external</Tag>}</span>
  ) },
  { id: "kind", title: "Kind", width: 100, order: "kind", cell: (row) => plain(row.kind) },
  { id: "provider", title: "Provider", width: 95, order: "provider", cell: (row) => provider(row.provider) },
  { id: "account", title: "Account", width: 150, order: "account", cell: (row) => <span title={row.account}>{row.account}</span> },
  { id: "admin", title: "Administrator", width: 145, order: "admin", cell: (row) => <Admin of={row.admin} /> },
  { id: "grants", title: "Grants", width: 75, right: true, order: "grants", cell: (row) => row.grants },
  { id: "mfa", title: "MFA", width: 75, order: "mfa", cell: (row) => (row.mfa === null ? <span className="muted">–</span> : row.mfa ? "yes" : <Tag tone="medium">no</Tag>) },
  { id: "last", title: "Last used", width: 125, order: "last_used", cell: (row) => <LastUsed at={row.last_used} known={row.last_used_known} /> },
  { id: "owner", title: "Owner", width: 125, order: "owner", cell: (row) => row.owner ?? <span className="muted">nobody</span> },
];

const yesNo = (value: string): string => (value === "true" ? "yes" : "no");
const FACETS: readonly Facet[] = [
  { name: "provider", title: "Provider", word: provider },
  { name: "kind", title: "Kind", word: plain },
  { name: "admin", title: "Administrator" },
  { name: "account", title: "Account" },
  { name: "mfa", title: "MFA", word: yesNo },
  { name: "external", title: "External", word: yesNo },
  { name: "owner", title: "Owner" },
];

const FIELDS = ["provider", "account", "id", "name", "kind", "admin", "grants", "mfa", "last_used", "last_used_known", "owner", "leaver", "external"] as const;

/** Everybody and everything that can act. */
export default function Identities() {
  const navigate = useNavigate();
  return <ListPage<Identity> list="identities" title="Identities" one="identity" columns={COLUMNS} facets={FACETS} fields={FIELDS} rowKey={(row) => row.provider + row.account + row.id} onOpen={(row) => void navigate({ to: "/identities/$id", params: { id: row.id } })} />;
}
