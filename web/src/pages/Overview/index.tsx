import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { overview, type Overview as Told } from "../../api/estate";
import { sum } from "../../api/lists";
import { told } from "../../api/problem";
import { Page } from "../../shell/Page";
import { many, minute, whole } from "../../ui/numbers";
import { Banner, Failed } from "../../ui/Said";
import { Actions } from "./Actions";
import { Severities } from "./Severities";
import { Gaps } from "./Gaps";
import { Heat } from "./Heat";
import { Ways } from "./Ways";
import "./overview.css";

const MACHINES = ["workload", "role", "service", "agent", "device", "identity_center_role"];

/** The first page: what to do today, how the estate stands, what could not be seen. */
export default function Overview() {
  const found = useQuery(overview());
  const estate = found.data?.estate;
  const unreadable = found.data?.coverage.unreadable ?? [];
  return (
    <Page title="Overview" under={estate ? <span>{many(found.data?.coverage.scopes ?? 0, "account")} as of {minute(estate.time)}</span> : <span>Reading the estate …</span>}>
      {unreadable.length > 0 && (
        <Banner icon="unknown">{unreadable.join(", ")} could not be read: what would depend on {unreadable.length === 1 ? "it" : "them"} is unknown, never “no”. <Link to="/accounts">What is missing</Link></Banner>
      )}
      {found.error && !found.data && <Failed message={told(found.error)} again={() => void found.refetch()} />}
      <Counts of={found.data} />
      <div className="columns">
        <div className="span-8 stack"><Actions of={found.data} pending={found.isPending} /><Heat /><Ways /></div>
        <div className="span-4 stack"><Severities of={found.data} /><Gaps /></div>
      </div>
    </Page>
  );
}

function Counts({ of }: { of: Told | undefined }) {
  const [identities, resources] = [of?.lists.identities?.by, of?.lists.resources?.by];
  const people = sum(identities?.kind, "human");
  const machines = sum(identities?.kind, ...MACHINES);
  const unsure = sum(identities?.admin, "unknown", "conditional") ?? 0;
  const unknown = sum(resources?.public, "unknown") ?? 0;
  const severities = of?.findings.severities;
  const able = of?.worked?.privileged;
  return (
    <div className="tiles">
      <Tile to="/identities" title="Identities" value={of?.lists.identities?.total} under={people !== undefined && machines !== undefined ? `${whole(people)} people, ${whole(machines)} machines` : ""} />
      <Tile to="/identities" search={{ admin: "yes" }} title="Administrators" value={identities && (sum(identities.admin, "yes") ?? 0)} under={able && "count" in able ? `${whole(able.count)} are or can become one` : unsure > 0 ? `${whole(unsure)} more perhaps` : "by grants they hold"} tone="risk" />
      <Tile to="/resources" search={{ public: "yes" }} title="Public resources" value={resources && (sum(resources.public, "yes") ?? 0)} under={unknown > 0 ? `${whole(unknown)} not known` : "open to everyone"} />
      <Tile to="/findings" search={{ severity: "high" }} title="Critical and high" value={severities && (severities.critical ?? 0) + (severities.high ?? 0)} under={of ? `of ${many(of.findings.total, "finding")}` : ""} tone="risk" />
      <Tile to="/identities" search={{ kind: "external" }} title="From outside" value={identities && (sum(identities.kind, "external") ?? 0)} under="identities of others let in" />
    </div>
  );
}

function Tile({ to, search, title, value, under, tone }: { to: string; search?: Record<string, string>; title: string; value: number | undefined; under: string; tone?: "risk" }) {
  return (
    <Link to={to} search={search ?? {}} className="tile card">
      <span className="label">{title}</span>
      <span className={tone === "risk" && value ? "figure num risk" : "figure num"}>{value === undefined ? <span className="bar-of" /> : whole(value)}</span>
      <span className="muted clip">{under}</span>
    </Link>
  );
}
