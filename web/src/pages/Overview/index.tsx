import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { estate as asked } from "../../api/estate";
import { sum, useFacets } from "../../api/lists";
import { Page } from "../../shell/Page";
import { ago, many, minute, whole } from "../../ui/numbers";
import { Banner } from "../../ui/Said";
import { Actions } from "./Actions";
import { Severities } from "./Severities";
import { Gaps } from "./Gaps";
import { Ways } from "./Ways";
import "./overview.css";

const MACHINES = ["workload", "role", "service", "agent", "device", "identity_center_role"];

/** The first page: what to do today, how the estate stands, what could not be seen. */
export default function Overview() {
  const found = useQuery(asked());
  const estate = found.data?.estate;
  const unreadable = found.data?.coverage.unreadable ?? [];
  return (
    <Page title="Overview" under={estate ? <span title={minute(estate.time)}>{many(found.data?.coverage.scopes ?? 0, "account")} as of {ago(estate.time)}</span> : <span>Reading the estate …</span>}>
      {unreadable.length > 0 && (
        <Banner icon="unknown">{unreadable.join(", ")} could not be read: what would depend on {unreadable.length === 1 ? "it" : "them"} is unknown, never “no”. <Link to="/accounts">What is missing</Link></Banner>
      )}
      <Counts />
      <div className="columns">
        <div className="span-8 stack"><Actions /><Ways /></div>
        <div className="span-4 stack"><Severities /><Gaps /></div>
      </div>
    </Page>
  );
}

function Counts() {
  const identities = useFacets("identities", {});
  const resources = useFacets("resources", {});
  const findings = useFacets("findings", {});
  const people = sum(identities?.kind, "human");
  const machines = sum(identities?.kind, ...MACHINES);
  const unsure = sum(identities?.admin, "unknown", "conditional") ?? 0;
  const unknown = sum(resources?.public, "unknown") ?? 0;
  return (
    <div className="tiles">
      <Tile to="/identities" title="Identities" value={sum(identities?.kind)} under={people !== undefined && machines !== undefined ? `${whole(people)} people, ${whole(machines)} machines` : ""} />
      <Tile to="/identities" search={{ admin: "yes" }} title="Administrators" value={sum(identities?.admin, "yes")} under={unsure > 0 ? `${whole(unsure)} more perhaps` : "by grants they hold"} tone="risk" />
      <Tile to="/resources" search={{ public: "yes" }} title="Public resources" value={sum(resources?.public, "yes")} under={unknown > 0 ? `${whole(unknown)} not known` : "open to everyone"} />
      <Tile to="/findings" search={{ severity: "high" }} title="Critical and high" value={sum(findings?.severity, "critical", "high")} under={findings ? `of ${many(sum(findings.severity) ?? 0, "finding")}` : ""} tone="risk" />
      <Tile to="/identities" search={{ kind: "external" }} title="From outside" value={sum(identities?.kind, "external")} under="identities of others let in" />
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
