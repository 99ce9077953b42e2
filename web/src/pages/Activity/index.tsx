import { useQuery } from "@tanstack/react-query";
import { ask } from "../../api/client";
import { useAddress } from "../../shell/address";
import { Answered } from "../../shell/Answered";
import { Page } from "../../shell/Page";
import { ThingLink } from "../../shell/words";
import { many, minute } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { held, Table, type Column } from "../../ui/Table";
import { Tag } from "../../ui/Tag";

interface Event { readonly id: string; readonly time: string; readonly principal: string; readonly permission: string; readonly name: string; readonly resource: string; readonly outcome: string; readonly ip: string; readonly account: string }

const COLUMNS: readonly Column<Event>[] = [
  { id: "time", title: "When", width: 180, cell: (row) => minute(row.time) },
  { id: "who", title: "Who", width: 220, grow: true, cell: (row) => (row.principal ? <ThingLink id={row.principal} /> : <span className="muted">not known</span>) },
  { id: "what", title: "Did", width: 220, grow: true, cell: (row) => <code>{row.permission || row.name}</code> },
  { id: "on", title: "To", width: 220, grow: true, cell: (row) => (row.resource ? <ThingLink id={row.resource} /> : "") },
  { id: "outcome", title: "Outcome", width: 110, cell: (row) => <Tag tone={row.outcome === "ok" || row.outcome === "success" ? "plain" : "medium"}>{row.outcome}</Tag> },
  { id: "ip", title: "From", width: 140, cell: (row) => row.ip },
  { id: "account", title: "Account", width: 140, cell: (row) => row.account },
];

/** What was done: by somebody, with a credential, to a resource, from an address. */
export default function Activity() {
  const [address] = useAddress();
  const query = { ip: address.ip, principal: address.principal, credential: address.credential, resource: address.resource, limit: 500 };
  const found = useQuery({ queryKey: ["activity", JSON.stringify(query)], queryFn: ({ signal }) => ask<{ items: readonly Event[]; total: number }>("activity", { query, signal }) });
  const about = address.ip ?? address.principal ?? address.credential ?? address.resource ?? "";
  return (
    <Page filled title={about ? `Activity of ${about}` : "Activity"} under={found.data ? many(found.data.total, "event") : "Reading the logs …"}>
      <Answered of={found}>{(answer) => (answer.items.length === 0 ? <Said icon="clock" title="The logs that were taken in show nothing">Only what logs cover is known here: leastwise events takes more of them in.</Said> : <Table label="Activity" columns={COLUMNS} rows={held(answer.items)} rowKey={(row) => row.id} />)}</Answered>
    </Page>
  );
}
