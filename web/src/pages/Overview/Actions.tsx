import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { top, type Action, type Overview } from "../../api/estate";
import { told } from "../../api/problem";
import { Card } from "../../ui/Card";
import { many, tail } from "../../ui/numbers";
import { Failed, Said, Waiting } from "../../ui/Said";
import { Severity, Tag } from "../../ui/Tag";

/** The five best things to do now. */
export function Actions({ of, pending }: { of: Overview | undefined; pending: boolean }) {
  const worked = of?.worked?.findings;
  const ahead = worked && "top" in worked ? worked.top : undefined;
  const found = useQuery({ ...top(), enabled: !pending && !ahead });
  const items = ahead ?? found.data?.items;
  return (
    <Card title="Do these first" aside="by what each one cuts">
      {items ? <Best of={items.slice(0, 5)} /> : found.error ? <Failed message={told(found.error)} again={() => void found.refetch()} /> : <Waiting lines={5} label="Working out the best actions" />}
    </Card>
  );
}

function Best({ of }: { of: readonly Action[] }) {
  if (of.length === 0) return <Said icon="check" title="Nothing stands out">No finding and no path asks for a change.</Said>;
  return <ol className="actions-list">{of.map((action, index) => <One key={`${action.cause} ${action.id} ${action.target}`} of={action} place={index + 1} />)}</ol>;
}

function One({ of, place }: { of: Action; place: number }) {
  const [first] = of.findings;
  const dropped = typeof of.creep === "number" ? of.creep : of.creep?.drop;
  const cut = typeof of.cut === "number" ? of.cut : of.cut?.principals;
  return (
    <li className="action">
      <span className="place num" aria-hidden="true">{place}</span>
      <div className="grow stack-s">
        <span className="row-wrap">
          {first ? <Link className="strong wrap" to="/findings/$id" params={{ id: first.key }}>{of.cuts}</Link> : <Link className="strong wrap" to="/go/$id" params={{ id: of.id }}>{of.cuts}</Link>}
        </span>
        <span className="wrap ink-2">{of.do}</span>
        <span className="row-wrap">
          <Severity of={of.severity} />
          {cut ? <Tag tone="accent" icon="paths">{`${many(cut, "way")} cut`}</Tag> : null}
          {dropped ? <Tag tone="good" icon="down">{`creep index −${dropped}`}</Tag> : null}
          <Tag tone="outline">{of.cause === "owner" ? `owner ${of.id}` : tail(of.id)}</Tag>
          {of.cause !== "owner" && of.owners.map((owner) => <Tag key={owner} tone="outline">{`owner ${owner}`}</Tag>)}
          {of.findings.length > 1 && <span className="muted">{many(of.findings.length, "finding")}</span>}
        </span>
      </div>
    </li>
  );
}
