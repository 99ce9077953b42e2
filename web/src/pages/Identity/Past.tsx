import { useQuery } from "@tanstack/react-query";
import { historyOf, type Change } from "../../api/identity";
import { Answered } from "../../shell/Answered";
import { ThingLink } from "../../shell/words";
import { minute } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { Card } from "../../ui/Card";
import { held, Table, type Column } from "../../ui/Table";

const COLUMNS: readonly Column<Change>[] = [
  { id: "at", title: "When", width: 190, cell: (row) => minute(row.at) },
  { id: "what", title: "What", width: 160, cell: (row) => `${row.what} ${row.verb}` },
  { id: "object", title: "Which", width: 240, grow: true, cell: (row) => (row.object ? <ThingLink id={row.object} name={row.object_name} /> : "") },
  { id: "by", title: "By whom", width: 240, grow: true, cell: (row) => (row.by ? <ThingLink id={row.by} /> : <span className="muted">not known</span>) },
  { id: "event", title: "Event", width: 180, cell: (row) => <code>{row.event}</code> },
];

/** What was changed about it, by whom. */
export default function Past({ id }: { id: string }) {
  const found = useQuery(historyOf(id));
  return (
    <Answered of={found} waiting="Reading what was changed">
      {(answer) => (answer.items.length === 0
        ? <Said icon="clock" title="The logs that were taken in show no change">Only what logs cover is known here.</Said>
        : <Card flush title="Changes"><Table fitted label="Changes" columns={COLUMNS} rows={held(answer.items)} rowKey={(row) => `${row.at} ${row.what} ${row.verb} ${row.object} ${row.event}`} /></Card>)}
    </Answered>
  );
}
