import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ask, segment } from "../../api/client";
import type { Recommendation } from "../../api/identity";
import { useId } from "../../shell/address";
import { Answered } from "../../shell/Answered";
import { Smaller } from "../../shell/answers/Smaller";
import { Page } from "../../shell/Page";
import { ThingLink } from "../../shell/words";
import { Card } from "../../ui/Card";
import { Icon } from "../../ui/icons";
import { Tag } from "../../ui/Tag";

interface Verified { readonly items: readonly { readonly claim: string; readonly holds: boolean; readonly why: string }[] }

/** A saved plan: its change, and its claims made again from what it holds alone. */
export default function PlanPage() {
  const id = useId();
  const found = useQuery({ queryKey: ["plan", id], queryFn: ({ signal }) => ask<Recommendation>(`plans/${segment(id)}`, { signal }) });
  const claims = useQuery({ queryKey: ["plan", id, "verify"], queryFn: ({ signal }) => ask<Verified>(`plans/${segment(id)}/verify`, { signal }) });
  return (
    <Page title="Plan" above={<><Link to="/plans">Plans</Link><Icon name="right" small /><code>{id}</code></>} under={found.data && <ThingLink id={found.data.principal} />}>
      <Card title="Claims, made again">
        <Answered of={claims} lines={3}>{(answer) => <ul className="stack-s">{answer.items.map((one) => <li key={one.claim} className="row-wrap"><Tag tone={one.holds ? "good" : "critical"} icon={one.holds ? "check" : "deny"}>{one.holds ? "holds" : "does not hold"}</Tag><span>{one.claim}</span>{one.why && <span className="muted">{one.why}</span>}</li>)}</ul>}</Answered>
      </Card>
      <Answered of={found} lines={8}>{(answer) => <Smaller of={answer} />}</Answered>
    </Page>
  );
}
