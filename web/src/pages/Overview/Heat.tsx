import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { heatmap } from "../../api/estate";
import { Answered } from "../../shell/Answered";
import { provider } from "../../shell/words";
import { Card } from "../../ui/Card";
import { many, whole } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { grid, SEVERITIES } from "./grid";

/** Findings by account and severity: the map is a table, so it can be read without its colours. */
export function Heat() {
  const found = useQuery(heatmap());
  return (
    <Card title="Where the findings are" aside="by account and severity">
      <Answered of={found} lines={5}>
        {(answer) => {
          const { rows, most } = grid(answer.items);
          if (rows.length === 0) return <Said icon="check" title="No finding is open" />;
          return (
            <div className="heat-frame">
              <table className="heat">
                <thead><tr><th scope="col">Account</th>{SEVERITIES.map((one) => <th key={one} scope="col">{one}</th>)}</tr></thead>
                <tbody>
                  {rows.slice(0, 12).map((row) => (
                    <tr key={row.provider + row.account}>
                      <th scope="row" title={row.account}><span className="clip">{row.account}</span> <span className="muted">{provider(row.provider)}</span></th>
                      {SEVERITIES.map((one) => {
                        const count = row.counts[one] ?? 0;
                        return <td key={one} className={`heat-${count === 0 ? 0 : Math.max(1, Math.ceil((count / most) * 4))}`}>{count > 0 && <Link to="/findings" search={{ account: row.account, provider: row.provider, severity: one }} aria-label={`${many(count, "finding")}, ${one}, in ${row.account}`}>{whole(count)}</Link>}</td>;
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          );
        }}
      </Answered>
    </Card>
  );
}
