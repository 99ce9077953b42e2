import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ask, segment } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Holder, Resource } from "../../api/types";
import { useAddress, useId } from "../../shell/address";
import { Answered } from "../../shell/Answered";
import { Missing } from "../../shell/answers/Because";
import { Holders } from "../../shell/answers/Holders";
import { Page } from "../../shell/Page";
import { IdentityLink, provider } from "../../shell/words";
import { Button } from "../../ui/Button";
import { Card, Facts } from "../../ui/Card";
import { Copy } from "../../ui/Code";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/icons";
import { day, many } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { Tag, type Tone } from "../../ui/Tag";
import { useState } from "react";

interface Answer { readonly resource: Resource }
interface Who { readonly items: readonly Holder[]; readonly total?: number; readonly next: string | null; readonly missing: readonly string[] }

const PUBLIC: Record<string, Tone> = { yes: "critical", conditional: "medium", blocked: "low", unknown: "unknown", no: "good" };

/** One resource: what it is, and who can do something with it. */
export default function ResourcePage() {
  const id = useId();
  const found = useQuery({ queryKey: ["resource", id], queryFn: ({ signal }) => ask<Answer>(`resources/${segment(id)}`, { signal }), staleTime: 60_000 });
  if (found.error instanceof Problem && found.error.status === 404) {
    return <Page title={id}><Said title="There is no such resource in the estate" action={<Link className="button" to="/go/$id" params={{ id }}>Search for it</Link>}>It may lie in an account that was not read, or out of your sight.</Said></Page>;
  }
  const row = found.data?.resource;
  return (
    <Page title={row?.name || id} above={<><Link to="/resources">Resources</Link><Icon name="right" small /><span>{row ? `${row.kind} in ${provider(row.provider)}` : ""}</span></>}
      under={<><code className="wrap">{id}</code><Copy text={id} label="Copy the id" />{row?.sensitivity && <Tag tone="accent">{row.sensitivity}</Tag>}</>}
      actions={<Link className="button" to="/ask" search={{ kind: "who", resource: id }}><Icon name="ask" />Ask about it</Link>}>
      <Answered of={found}>
        {({ resource }) => (
          <div className="columns">
            <div className="span-8 stack"><WhoCan id={resource.id} kind={resource.kind} /></div>
            <div className="span-4 stack">
              <Card title="What it is">
                <Facts of={[
                  ["Kind", resource.kind],
                  ["Account", <Link key="a" to="/accounts" search={{ account: resource.account }}>{resource.account}</Link>],
                  ["Region", resource.region],
                  ["Made", day(resource.created)],
                  ["Public", <span key="p" className="stack-s"><Tag tone={PUBLIC[resource.public] ?? "plain"}>{resource.public}</Tag>{resource.public_reason && <span className="wrap">{resource.public_reason}</span>}</span>],
                  ["Shared with", resource.shared_with.length > 0 && <ul className="stack-s">{resource.shared_with.slice(0, 30).map((one) => <li key={one} className="wrap"><IdentityLink id={one} name={one} /></li>)}</ul>],
                  ["Own policy", resource.policy === null ? "not known" : resource.policy ? "yes" : "no"],
                  ["Owner", resource.owner ?? "nobody"],
                  ["Read from", <code key="s">{resource.source}</code>],
                ]} />
              </Card>
              {Object.keys(resource.tags).length > 0 && <Card title="Tags"><Facts of={Object.entries(resource.tags)} /></Card>}
            </div>
          </div>
        )}
      </Answered>
    </Page>
  );
}

/** What people ask first of a kind of thing. */
const FIRST: Record<string, string> = { "s3:bucket": "s3:GetObject", "sqs:queue": "sqs:ReceiveMessage", "kms:key": "kms:Decrypt", "secretsmanager:secret": "secretsmanager:GetSecretValue", "lambda:function": "lambda:InvokeFunction", "iam:role": "sts:AssumeRole", "bigquery:dataset": "bigquery.tables.getData" };

function WhoCan({ id, kind }: { id: string; kind: string }) {
  const [address, set] = useAddress();
  const action = address.action ?? FIRST[kind] ?? "";
  const [text, setText] = useState(action);
  const found = useQuery({ queryKey: ["resource", id, "who-can", action], queryFn: ({ signal }) => ask<Who>(`resources/${segment(id)}/who-can`, { query: { action, limit: 1000 }, signal }), enabled: action !== "", staleTime: 60_000 });
  return (
    <Card title="Who can" aside={found.data ? many(found.data.total ?? found.data.items.length, "identity") : undefined}>
      <div className="stack">
        <form className="row" onSubmit={(event) => { event.preventDefault(); set({ action: text.trim() }); }}>
          <div className="grow"><Field label="Action" value={text} onChange={setText} placeholder="an action of the resource's service" /></div>
          <Button type="submit" look="main">Ask</Button>
        </form>
        {action === "" ? <Said icon="ask" title="Name an action">Who can read, write or delete it: each is a question of its own.</Said> : (
          <Answered of={found} lines={8}>
            {(answer) => <>{answer.items.length === 0 ? <Said icon="deny" title={answer.missing.length > 0 ? "Nobody is known who can" : "Nobody can"} /> : <Holders of={answer.items} label={`Who can ${action}`} />}<Missing of={answer.missing} /></>}
          </Answered>
        )}
      </div>
    </Card>
  );
}
