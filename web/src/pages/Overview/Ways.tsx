import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { top } from "../../api/estate";
import { chokes } from "../../api/graph";
import { told } from "../../api/problem";
import { ThingLink } from "../../shell/words";
import { Card } from "../../ui/Card";
import { many, whole } from "../../ui/numbers";
import { Failed, Said, Waiting } from "../../ui/Said";
import { held, Table, type Column } from "../../ui/Table";

interface Row { readonly id: string; readonly policy: string; readonly text: string; readonly cuts: number; readonly account: string }

const COLUMNS: readonly Column<Row>[] = [
  { id: "policy", title: "Take away", width: 240, grow: true, cell: (row) => <span title={row.text}><ThingLink id={row.policy} /> <span className="muted">· {row.text}</span></span> },
  { id: "account", title: "Account", width: 160, cell: (row) => <span title={row.account}>{row.account}</span> },
  { id: "cuts", title: "No longer reach admin", width: 170, right: true, cell: (row) => <span className="strong">{whole(row.cuts)}</span> },
];

/** The few grants that most ways to an administrator pass. */
export function Ways() {
  // What is dear to work out waits for the five actions, which come first.
  const first = useQuery(top());
  const found = useQuery({ ...chokes(), enabled: !first.isPending });
  const rows = (found.data?.items ?? []).slice(0, 6).map((one): Row => ({ id: `${one.grant.account} ${one.grant.policy} ${one.grant.statement}`, policy: one.grant.policy, text: one.grant.text, cuts: one.cuts, account: one.grant.account }));
  return (
    <Card flush title="Where the ways to an administrator meet" aside={found.data ? <Link to="/paths">{`${many(found.data.reaching, "identity", "identities")} can become one`}</Link> : ""}>
      {found.isPending ? <div className="padded"><Waiting lines={5} label="Walking the graph" /></div> : found.error ? <Failed message={told(found.error)} again={() => void found.refetch()} />
        : rows.length === 0 ? <Said icon="check" title="No way is known" /> : <Table fitted label="Choke points" columns={COLUMNS} rows={held(rows)} rowKey={(row) => row.id} />}
    </Card>
  );
}
