import { useQuery } from "@tanstack/react-query";
import { top } from "../../api/estate";
import { chokes } from "../../api/graph";
import { told } from "../../api/problem";
import { gap } from "../../api/use";
import { IdentityLink } from "../../shell/words";
import { Card } from "../../ui/Card";
import { Meter } from "../../ui/Meter";
import { many, share } from "../../ui/numbers";
import { Failed, Said, Waiting } from "../../ui/Said";

/** Those whose grants go furthest beyond what they use. */
export function Gaps() {
  // The dearest of all is asked last.
  const first = useQuery(top());
  const second = useQuery({ ...chokes(), enabled: !first.isPending });
  const found = useQuery({ ...gap(), enabled: !first.isPending && !second.isPending });
  const rows = (found.data?.items ?? []).flatMap((row) => (row.unused ? [{ row, unused: row.unused, known: (row.used ?? 0) + (row.implied ?? 0) + row.unused }] : [])).slice(0, 6);
  return (
    <Card title="Granted and never used" aside={found.data ? many(found.data.window.days, "day") : ""}>
      {found.isPending ? <Waiting lines={6} /> : found.error ? <Failed message={told(found.error)} again={() => void found.refetch()} />
        : rows.length === 0 ? <Said icon="clock" title="No unused permission is known">Audit logs say what is used: leastwise events.</Said>
          : (
            <ul className="gaps">
              {rows.map(({ row, unused, known }) => (
                  <li key={row.principal}>
                    <span className="row"><span className="clip grow"><IdentityLink id={row.principal} name={row.name} /></span><span className="num muted">{unused} of {known}</span><span className="num strong">{share(unused / known)}</span></span>
                    <Meter value={unused / known} risk />
                  </li>
              ))}
            </ul>
          )}
    </Card>
  );
}
