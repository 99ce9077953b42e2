import { useQuery } from "@tanstack/react-query";
import { chokes } from "../../api/graph";
import { Answered } from "../../shell/Answered";
import { Missing } from "../../shell/answers/Because";
import { IdentityLink, provider, ThingLink } from "../../shell/words";
import { Card } from "../../ui/Card";
import { many, whole } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { Tag } from "../../ui/Tag";

/** The fewest grants whose removal takes the way from the most. */
export function Chokes() {
  const found = useQuery(chokes());
  return (
    <Answered of={found} waiting="Looking for where paths meet" lines={8}>
      {(answer) => (
        <>
          <p className="muted">{many(answer.reaching, "identity")} can become an administrator; with all of these taken away, {whole(answer.left)} still could.</p>
          {answer.items.length === 0 && <Said icon="check" title="No path is known" />}
          {answer.items.map((one) => (
            <Card key={`${one.grant.account} ${one.grant.policy} ${one.grant.statement}`} title={`Takes the way from ${many(one.cuts, "identity")}`} aside={<><Tag tone="outline">{provider(one.grant.provider)}</Tag><span>{one.grant.account}</span></>}>
              <div className="stack-s">
                <p className="wrap"><ThingLink id={one.grant.policy} /> <span className="muted">· {one.grant.text}</span></p>
                {one.remediation.map((text) => <p key={text}>{text}</p>)}
                <details><summary>Whose</summary><ul className="names">{one.principals.slice(0, 200).map((id, index) => <li key={id}><IdentityLink id={id} name={one.names[index]} /></li>)}</ul></details>
              </div>
            </Card>
          ))}
          <Missing of={answer.missing} />
        </>
      )}
    </Answered>
  );
}
