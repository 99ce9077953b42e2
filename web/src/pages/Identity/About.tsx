import { Link } from "@tanstack/react-router";
import type { IdentityAnswer } from "../../api/identity";
import type { Credential, Grant } from "../../api/types";
import { IdentityLink, LastUsed, plain, provider, ThingLink, Yes } from "../../shell/words";
import { Card, Facts } from "../../ui/Card";
import { day, many, whole } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { held, Table, type Column } from "../../ui/Table";
import { Severity, Tag } from "../../ui/Tag";
import "./identity.css";

const GRANTS: readonly Column<Grant>[] = [
  { id: "policy", title: "Policy", width: 200, grow: true, cell: (row) => <span title={row.policy}><ThingLink id={row.policy} name={row.policy_name} /></span> },
  { id: "via", title: "Through", width: 150, cell: (row) => (row.via ? <ThingLink id={row.via} name={row.via_name} /> : <span className="muted">itself</span>) },
  { id: "kind", title: "Kind", width: 130, cell: (row) => plain(row.kind) },
  { id: "on", title: "On", width: 120, cell: (row) => (row.resource ? <span title={row.resource}>{row.resource}</span> : "") },
  { id: "marks", title: "Marks", width: 150, cell: (row) => <span className="row">{row.layer === "deny" && <Tag tone="plain" icon="deny">deny</Tag>}{row.admin && <Tag tone="critical">admin</Tag>}{row.wildcard && !row.admin && <Tag tone="medium">wildcard</Tag>}{row.conditional && <Tag tone="conditional">condition</Tag>}</span> },
];

const CREDENTIALS: readonly Column<Credential>[] = [
  { id: "id", title: "Credential", width: 180, grow: true, cell: (row) => <span title={row.id}><code>{row.id}</code></span> },
  { id: "kind", title: "Kind", width: 150, cell: (row) => plain(row.kind) },
  { id: "active", title: "Usable", width: 90, cell: (row) => <Yes of={row.active} /> },
  { id: "created", title: "Made", width: 120, cell: (row) => day(row.created) },
  { id: "last", title: "Last used", width: 120, cell: (row) => <LastUsed at={row.last_used} known={row.last_used_known} /> },
];

/** What it is, holds and belongs to. */
export function About({ of }: { of: IdentityAnswer }) {
  const { identity: row, grants, credentials } = of;
  return (
    <div className="columns">
      <div className="span-8 stack">
        <Numbers of={of} />
        <Findings items={of.findings} />
        <Card flush title="Grants" aside={many(grants.total, "grant")}>
          {grants.items.length === 0 ? <Said icon="key" title="It holds no grant of its own that was read" /> : <Table fitted label="Grants" columns={GRANTS} rows={held(grants.items)} rowKey={(one) => `${one.policy} ${one.via} ${one.resource} ${one.layer} ${one.source}`} />}
        </Card>
        <Card flush title="Credentials" aside={many(credentials.total, "credential")}>
          {credentials.items.length === 0 ? <Said icon="key" title="It holds no credential that was read" /> : <Table fitted label="Credentials" columns={CREDENTIALS} rows={held(credentials.items)} rowKey={(one) => one.id + one.kind} />}
        </Card>
      </div>
      <div className="span-4 stack">
        <Card title="What it is">
          <Facts of={[
            ["Kind", `${plain(row.kind)} (${plain(row.native)})`],
            ["Provider", provider(row.provider)],
            ["Account", <Link key="a" to="/accounts" search={{ account: row.account }}>{row.account}</Link>],
            ["Made", day(row.created)],
            ["Last used", <LastUsed key="l" at={row.last_used} known={row.last_used_known} />],
            ["Second factor", <Yes key="m" of={row.mfa} />],
            ["Enabled", <Yes key="e" of={row.enabled} />],
            ["Boundary", row.boundary && <ThingLink id={row.boundary} />],
            ["Mail", row.mail],
            ["Person", row.person && <IdentityLink id={row.person} name={row.person} />],
            ["Administrator by", row.admin_via.length > 0 && <ul className="stack-s">{row.admin_via.map((via) => <li key={via} className="wrap">{via}</li>)}</ul>],
            ["Read from", <code key="s" className="wrap">{row.source}</code>],
          ]} />
        </Card>
        {row.groups.length > 0 && <Card title="Groups"><ul className="stack-s">{row.groups.map((group) => <li key={group} className="wrap"><ThingLink id={group} /></li>)}</ul></Card>}
        {of.trusts.items.length > 0 && (
          <Card title="Who may become it" aside={many(of.trusts.total, "trust")}>
            <ul className="stack-s">{of.trusts.items.slice(0, 20).map((trust) => <li key={trust.subject + trust.source} className="row-wrap"><span className="wrap">{trust.subject}</span><Tag tone="outline">{plain(trust.subject_kind)}</Tag>{trust.conditional && <Tag tone="conditional">condition</Tag>}</li>)}</ul>
          </Card>
        )}
        {Object.keys(row.tags).length > 0 && <Card title="Tags"><Facts of={Object.entries(row.tags)} /></Card>}
      </div>
    </div>
  );
}

function Findings({ items }: { items: IdentityAnswer["findings"] }) {
  if (items.length === 0) return null;
  return (
    <Card title="Findings" aside={many(items.length, "finding")}>
      <ul className="stack-s">{items.map((one) => <li key={one.key} className="row"><Severity of={one.severity} /><Link className="wrap" to="/findings/$id" params={{ id: one.key }}>{one.message}</Link></li>)}</ul>
    </Card>
  );
}

/** Can, did, never did, cannot know, in one line of numbers. */
function Numbers({ of }: { of: IdentityAnswer }) {
  const { counts, creep } = of;
  if (!counts) return of.use_missing ? <p className="muted">Of its use nothing is known: {of.use_missing}</p> : null;
  const shown = [["Can do", counts.granted], ["Did", (counts.used ?? 0) + (counts.implied ?? 0)], ["Never did", counts.unused], ["Cannot know", counts.unobservable]] as const;
  return (
    <div className="tiles">
      {shown.map(([title, count]) => <Link key={title} className="tile card" to="." search={{ tab: "use" }}><span className="label">{title}</span><span className="figure num">{whole(count ?? 0)}</span></Link>)}
      {creep && <div className="tile card"><span className="label">Creep index</span><span className="figure num">{creep.index}</span>{creep.at_most > creep.index && <span className="muted">at most {creep.at_most}</span>}</div>}
    </div>
  );
}
