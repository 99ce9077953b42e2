import { Link } from "@tanstack/react-router";
import { sum, useFacets } from "../../api/lists";
import { Card } from "../../ui/Card";
import { whole } from "../../ui/numbers";
import { Waiting } from "../../ui/Said";
import { Severity } from "../../ui/Tag";

const ORDER = ["critical", "high", "medium", "low", "info"];

/** Findings by severity. */
export function Severities() {
  const counts = useFacets("findings", {})?.severity;
  const most = Math.max(1, ...(counts ?? []).map((one) => one.count));
  return (
    <Card title="Findings" aside={<Link to="/findings">All</Link>}>
      {!counts ? <Waiting lines={5} /> : (
        <ul className="bars">
          {ORDER.map((name) => (
            <li key={name}>
              <Link to="/findings" search={{ severity: name }} className="bar-row">
                <Severity of={name} />
                <svg className={`bar ${name}`} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width={((sum(counts, name) ?? 0) / most) * 100} height="8" rx="1" /></svg>
                <span className="num strong">{whole(sum(counts, name) ?? 0)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
