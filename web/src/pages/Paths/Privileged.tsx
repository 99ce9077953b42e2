import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { privileged, type Privileged as One } from "../../api/graph";
import { Answered } from "../../shell/Answered";
import { kindIcon, plain, provider } from "../../shell/words";
import { Icon } from "../../ui/icons";
import { Said } from "../../ui/Said";
import { held, Table, type Column } from "../../ui/Table";
import { Answer } from "../../ui/Tag";

const COLUMNS: readonly Column<One>[] = [
  { id: "who", title: "Who", width: 240, grow: true, cell: (row) => <span className="cell-2" title={row.principal}><Icon name={kindIcon(row.kind)} /><span className="clip strong">{row.name || row.principal}</span></span> },
  { id: "kind", title: "Kind", width: 130, cell: (row) => plain(row.kind) },
  { id: "provider", title: "Provider", width: 110, cell: (row) => provider(row.provider) },
  { id: "steps", title: "Steps", width: 80, right: true, cell: (row) => row.steps },
  { id: "accounts", title: "Accounts", width: 90, right: true, cell: (row) => row.administers.length },
  { id: "how", title: "First step", width: 260, grow: true, cell: (row) => row.first || "is one already" },
  { id: "state", title: "Answer", width: 130, cell: (row) => <Answer state={row.state} /> },
];

/** Who is an administrator, or can become one. */
export function Privileged() {
  const navigate = useNavigate();
  const found = useQuery(privileged());
  return (
    <Answered of={found} waiting="Walking the graph" lines={8}>
      {(answer) => (answer.items.length === 0 ? <Said icon="check" title="Nobody is known who is or can become one" /> : <div className="tall"><Table label="Privileged identities" columns={COLUMNS} rows={held(answer.items)} rowKey={(row) => row.principal + row.provider} onOpen={(row) => void navigate({ to: "/identities/$id", params: { id: row.principal }, search: { tab: "paths" } })} /></div>)}
    </Answered>
  );
}
