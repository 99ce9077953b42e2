import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { usageOf, type Permission, type ServiceUse, type UsageAnswer } from "../../api/identity";
import { useAddress } from "../../shell/address";
import { Answered } from "../../shell/Answered";
import { Ago } from "../../shell/words";
import { Card } from "../../ui/Card";
import { Segments } from "../../ui/Field";
import { day, whole } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { held, Table, type Column } from "../../ui/Table";
import { Answer, Tag } from "../../ui/Tag";
import "./identity.css";

const STATES = ["USED", "IMPLIED", "UNUSED", "UNOBSERVABLE"] as const;
const SAID: Record<string, string> = { USED: "seen in logs", IMPLIED: "needed by what it did", UNUSED: "its log would have shown it", UNOBSERVABLE: "no log shows it" };

/** Can do, did, never did, cannot know. */
export default function Use({ id, services }: { id: string; services: readonly ServiceUse[] }) {
  const found = useQuery(usageOf(id));
  return <Answered of={found} waiting="Holding what is granted against what was used" lines={8}>{(answer) => <Shown of={answer} services={services} />}</Answered>;
}

function Shown({ of, services }: { of: UsageAnswer; services: readonly ServiceUse[] }) {
  const [address, set] = useAddress();
  const state = address.state ?? "";
  const counts = of.counts;
  const chosen = useMemo(() => (state ? of.items.filter((one) => one.state === state) : of.items), [of.items, state]);
  return (
    <>
      <div className="tiles four">
        {STATES.map((one) => (
          <button key={one} type="button" className="tile card" aria-pressed={state === one} onClick={() => set({ state: state === one ? undefined : one })}>
            <Answer state={one} /><span className="figure num">{whole(counts[one.toLowerCase()] ?? 0)}</span><span className="muted">{SAID[one]}</span>
          </button>
        ))}
      </div>
      <div className="row-wrap muted">
        {of.window && <span>{day(of.window.begin)} to {day(of.window.end)}, {of.window.days} days.</span>}
        {of.creep && <span>Creep index <strong>{of.creep.index}</strong>{of.creep.at_most > of.creep.index ? `, at most ${of.creep.at_most} were everything known` : ""}.</span>}
      </div>
      {services.length > 0 && <Card flush title="By service"><Table fitted label="Use by service" columns={SERVICES} rows={held(services.slice(0, 40))} rowKey={(row) => row.provider + row.service} /></Card>}
      <Card title="Permissions" aside={<Segments label="State" value={state} onChange={(next) => set({ state: next })} options={[["", "All"], ["USED", "Used"], ["UNUSED", "Never"], ["UNOBSERVABLE", "Cannot know"]]} />}>
        {chosen.length === 0 ? <Said icon="clock" title="None in this state" /> : <div className="tall"><Table label="Permissions" columns={PERMISSIONS} rows={held(chosen)} rowKey={(row) => row.provider + row.permission} /></div>}
      </Card>
    </>
  );
}

const SERVICES: readonly Column<ServiceUse>[] = [
  { id: "service", title: "Service", width: 180, grow: true, cell: (row) => <span className="strong">{row.service}</span> },
  { id: "can", title: "Can", width: 90, right: true, cell: (row) => whole(row.can) },
  { id: "did", title: "Did", width: 90, right: true, cell: (row) => whole(row.did + row.implied) },
  { id: "never", title: "Never did", width: 100, right: true, cell: (row) => whole(row.never_did) },
  { id: "cannot", title: "Cannot know", width: 110, right: true, cell: (row) => whole(row.cannot_know) },
  { id: "last", title: "Last used", width: 140, cell: (row) => <Ago at={row.last_used} /> },
];

const PERMISSIONS: readonly Column<Permission>[] = [
  { id: "permission", title: "Permission", width: 280, grow: true, cell: (row) => <code>{row.permission}</code> },
  { id: "state", title: "Use", width: 130, cell: (row) => <Answer state={row.state} /> },
  { id: "sensitivity", title: "Kind", width: 120, cell: (row) => <Tag tone="outline">{row.sensitivity}</Tag> },
  { id: "count", title: "Calls", width: 80, right: true, cell: (row) => (row.count ? whole(row.count) : "") },
  { id: "last", title: "Last used", width: 120, cell: (row) => <Ago at={row.last_used} /> },
  { id: "because", title: "Granted by, or why it cannot be known", width: 260, grow: true, cell: (row) => <span className="muted" title={row.missing || row.grants.join(", ")}>{row.missing || row.grants.join(", ")}</span> },
];
