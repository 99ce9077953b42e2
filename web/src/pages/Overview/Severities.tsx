import { Link } from "@tanstack/react-router";
import type { Overview } from "../../api/estate";
import { Card } from "../../ui/Card";
import { many, whole } from "../../ui/numbers";
import { Waiting } from "../../ui/Said";
import { Severity } from "../../ui/Tag";

const ORDER = ["critical", "high", "medium", "low", "info"];

/** Findings by severity. */
export function Severities({ of }: { of: Overview | undefined }) {
  const counts = of?.findings.severities;
  const most = Math.max(1, ...Object.values(counts ?? {}));
  return (
    <Card title="Findings" aside={<Link to="/findings">All</Link>}>
      {!counts ? <Waiting lines={5} /> : (
        <ul className="bars">
          {ORDER.map((name) => (
            <li key={name}>
              <Link to="/findings" search={{ severity: name }} className="bar-row">
                <Severity of={name} />
                <svg className={`bar ${name}`} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width={((counts[name] ?? 0) / most) * 100} height="8" rx="1" /></svg>
                <span className="num strong">{whole(counts[name] ?? 0)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {of && of.findings.undecided > 0 && <p className="muted undecided">{many(of.findings.undecided, "row")} could not be decided for want of facts.</p>}
    </Card>
  );
}
