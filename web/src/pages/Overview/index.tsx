import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { overview } from "../../api/estate";
import { useFacets } from "../../api/lists";
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
  const found = useQuery(overview());
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

const sum = (counts: Readonly<Record<string, number>> | undefined, names?: readonly string[]): number | undefined =>
  counts && Object.entries(counts).reduce((total, [name, count]) => total + (!names || names.includes(name) ? count : 0), 0);

function Counts() {
  const identities = useFacets("identities", {});
  const resources = useFacets("resources", {});
  const findings = useFacets("findings", {});
  const people = identities?.kind?.human;
  const machines = sum(identities?.kind, MACHINES);
  const admins = identities?.admin?.yes;
  return (
    <div className="tiles">
      <Tile to="/identities" title="Identities" value={sum(identities?.kind)} under={people !== undefined && machines !== undefined ? `${whole(people)} people, ${whole(machines)} machines` : ""} />
      <Tile to="/identities" search={{ admin: "yes" }} title="Administrators" value={admins ?? (identities ? 0 : undefined)} under={identities?.admin?.unknown ? `${whole(identities.admin.unknown)} more not known` : "by grants they hold"} tone="risk" />
      <Tile to="/resources" search={{ public: "yes" }} title="Public resources" value={resources ? (resources.public?.yes ?? 0) : undefined} under={resources?.public?.unknown ? `${whole(resources.public.unknown)} not known` : "surely open to everyone"} />
      <Tile to="/findings" search={{ severity: "critical" }} title="Critical and high" value={sum(findings?.severity, ["critical", "high"])} under={findings ? `of ${many(sum(findings.severity) ?? 0, "finding")}` : ""} tone="risk" />
      <Tile to="/identities" search={{ kind: "external" }} title="From outside" value={identities ? (identities.kind?.external ?? 0) : undefined} under="identities of others let in" />
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
