import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ask, segment } from "../../api/client";
import { told } from "../../api/problem";
import type { Finding } from "../../api/types";
import { Answered } from "../../shell/Answered";
import { useId } from "../../shell/address";
import { Page } from "../../shell/Page";
import { useMay } from "../../shell/session";
import { provider, ThingLink } from "../../shell/words";
import { Button } from "../../ui/Button";
import { Card, Facts } from "../../ui/Card";
import { Code, Copy } from "../../ui/Code";
import { Icon } from "../../ui/icons";
import { day } from "../../ui/numbers";
import { Banner } from "../../ui/Said";
import { Severity } from "../../ui/Tag";
import { toast } from "../../ui/Toasts";
import { Evidence } from "./Evidence";
import { Mute } from "./Mute";

/** One finding: what was found, on which evidence, and what to do. */
export default function FindingPage() {
  const id = useId();
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["finding", id], queryFn: ({ signal }) => ask<{ items: readonly [Finding] }>(`findings/${segment(id)}`, { signal }), select: (answer) => answer.items[0], staleTime: 60_000 });
  const may = useMay("mute");
  const [muting, setMuting] = useState(false);
  const finding = found.data;
  const changed = (): void => { void queries.invalidateQueries({ queryKey: ["finding", id] }); void queries.invalidateQueries({ queryKey: ["findings"] }); };
  const unmute = useMutation({ mutationFn: () => ask(`findings/mutes/${segment(id)}`, { method: "DELETE" }), onSuccess: () => { changed(); toast("It counts again"); }, onError: (error) => toast(told(error), "finding") });
  return (
    <Page title={finding?.title ?? "Finding"} above={<><Link to="/findings">Findings</Link><Icon name="right" small /><span>{finding?.rule ?? id}</span></>} under={finding && <><Severity of={finding.severity} /><span>{provider(finding.provider)} · {finding.account}</span></>}
      actions={finding && may && (finding.muted ? <Button icon="mute" disabled={unmute.isPending} onClick={() => unmute.mutate()}>Take the mute back</Button> : <Button icon="mute" onClick={() => setMuting(true)}>Mute …</Button>)}>
      <Answered of={found}>
        {(one) => (
          <>
            {one.muted && <Banner tone="warn" icon="mute">Muted{one.muted.until ? ` until ${day(one.muted.until)}` : ""}: {one.muted.reason}</Banner>}
            <div className="columns">
              <div className="span-8 stack">
                <Card title="What was found"><p className="wrap">{one.message}</p></Card>
                <Card title="Evidence"><Evidence of={one.evidence} /></Card>
              </div>
              <div className="span-4 stack">
                <Card title="What to do"><div className="stack"><p>{one.remediation}</p>{one.fix && <div className="stack-s"><div className="row"><span className="label grow">The command that plans it</span><Copy text={one.fix} label="Copy the command" /></div><Code label="Command">{one.fix}</Code></div>}</div></Card>
                <Card title="About"><Facts of={[
                  ["Subject", <ThingLink key="s" id={one.subject} />],
                  ["Resource", one.resource && <ThingLink key="r" id={one.resource} />],
                  ["Owner", one.owner ?? "nobody"],
                  ["Rule", <Link key="u" to="/findings" search={{ rule: one.rule }}>{one.rule}</Link>],
                  ["Key", <code key="k">{one.key}</code>],
                ]} /></Card>
              </div>
            </div>
          </>
        )}
      </Answered>
      {muting && finding && <Mute of={finding} close={() => setMuting(false)} done={() => { setMuting(false); changed(); toast("Muted"); }} />}
    </Page>
  );
}
