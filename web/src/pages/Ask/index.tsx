import { useQuery } from "@tanstack/react-query";
import { can, whatCan, whoCan, type Question } from "../../api/questions";
import { useAddress } from "../../shell/address";
import { Answered } from "../../shell/Answered";
import { Because, Missing } from "../../shell/answers/Because";
import { Cubes } from "../../shell/answers/Cubes";
import { Holders } from "../../shell/answers/Holders";
import { Page } from "../../shell/Page";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Card";
import { many } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { toast } from "../../ui/Toasts";
import { Form, type Asked } from "./Form";

/** Three questions about access; the question lies in the address, so a link asks it again. */
export default function Ask() {
  const [address, set] = useAddress();
  const asked: Asked = { kind: address.kind === "who" || address.kind === "what" ? address.kind : "can", principal: address.principal ?? "", action: address.action ?? "", resource: address.resource ?? "", context: address.context ?? "", strict: address.strict ?? "" };
  const question: Question = {
    ...(asked.kind !== "who" && { principal: asked.principal }),
    ...(asked.kind !== "what" && { action: asked.action }),
    ...(asked.resource && { resource: asked.resource }),
    ...(asked.context && { context: contextOf(asked.context) }),
    ...(asked.strict && { strict: true }),
  };
  const whole = asked.kind === "can" ? asked.principal && asked.action : asked.kind === "who" ? asked.action : asked.principal;
  const copy = (): void => { navigator.clipboard.writeText(location.href).then(() => toast("The link is copied"), () => toast(location.href, "link")); };
  return (
    <Page title="Ask" under="Who can do what, how, under which condition. Facts that are not given are open, never absent." actions={whole ? <Button icon="link" onClick={copy}>Copy link</Button> : undefined}>
      <Form key={JSON.stringify(asked)} asked={asked} onAsk={(next) => set({ ...next, kind: next.kind }, true)} />
      {!whole ? <Said icon="ask" title="Ask a question">Can m.ostrander read the payroll? Who can write to the archive? What can this key do?</Said>
        : asked.kind === "can" ? <CanAnswer of={question} /> : asked.kind === "who" ? <WhoAnswer of={question} /> : <WhatAnswer of={question} />}
    </Page>
  );
}

/** `key=value` a line. */
function contextOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split("\n").map((line) => line.trim()).filter((line) => line.includes("=")).map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1).trim()]));
}

function CanAnswer({ of }: { of: Question }) {
  const found = useQuery(can(of));
  return <Card title="Answer"><Answered of={found}>{(answer) => <Because of={answer} />}</Answered></Card>;
}

function WhoAnswer({ of }: { of: Question }) {
  const found = useQuery(whoCan(of));
  return (
    <Answered of={found} lines={8}>
      {(answer) => (
        <Card title={many(answer.total ?? answer.items.length, "identity")} aside={answer.next ? `the first ${answer.items.length}` : undefined}>
          <div className="stack">
            {answer.items.length === 0 ? <Said icon="deny" title={answer.missing.length > 0 ? "Nobody is known who can" : "Nobody can"} /> : <Holders of={answer.items} label="Who can" />}
            <Missing of={answer.missing} />
          </div>
        </Card>
      )}
    </Answered>
  );
}

function WhatAnswer({ of }: { of: Question }) {
  const found = useQuery(whatCan(of));
  return <Answered of={found} lines={8}>{(answer) => (answer.items.length === 0 ? <Said icon="deny" title="Nothing that it can do is known" /> : <Cubes of={answer.items} />)}</Answered>;
}
