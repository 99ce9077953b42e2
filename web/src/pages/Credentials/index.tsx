import { useNavigate } from "@tanstack/react-router";
import type { Credential } from "../../api/types";
import { ListPage, type Facet } from "../../shell/ListPage";
import { IdentityLink, LastUsed, plain, provider, Yes } from "../../shell/words";
import { day } from "../../ui/numbers";
import type { Column } from "../../ui/Table";

const COLUMNS: readonly Column<Credential>[] = [
  { id: "id", title: "Credential", width: 260, grow: true, order: "id", cell: (row) => <code title={row.id}>{row.id}</code> },
  { id: "kind", title: "Kind", width: 170, order: "kind", cell: (row) => plain(row.kind) },
  { id: "principal", title: "Held by", width: 240, grow: true, order: "principal", cell: (row) => <IdentityLink id={row.principal} name={row.principal_name} /> },
  { id: "active", title: "Usable", width: 90, order: "active", cell: (row) => <Yes of={row.active} /> },
  { id: "created", title: "Made", width: 120, order: "created", cell: (row) => day(row.created) },
  { id: "expires", title: "Ends", width: 120, order: "expires", cell: (row) => day(row.expires) },
  { id: "last", title: "Last used", width: 130, order: "last_used", cell: (row) => <LastUsed at={row.last_used} known={row.last_used_known} /> },
];

const FACETS: readonly Facet[] = [{ name: "kind", title: "Kind", word: plain }, { name: "provider", title: "Provider", word: provider }, { name: "active", title: "Usable", word: (value) => (value === "true" ? "yes" : "no") }];

/** Keys, passwords, second factors, certificates. */
export default function Credentials() {
  const navigate = useNavigate();
  return <ListPage<Credential> list="credentials" title="Credentials" one="credential" columns={COLUMNS} facets={FACETS} rowKey={(row) => row.kind + row.id + row.principal} onOpen={(row) => void navigate({ to: "/identities/$id", params: { id: row.principal } })} />;
}
