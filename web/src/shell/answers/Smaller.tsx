import type { Recommendation } from "../../api/identity";
import { Card, Facts } from "../../ui/Card";
import { Code, Copy, Difference } from "../../ui/Code";
import { many, whole } from "../../ui/numbers";
import { Banner, Said } from "../../ui/Said";
import { Tag } from "../../ui/Tag";

const text = (document: unknown): string => (typeof document === "string" ? document : JSON.stringify(document, null, 2));

/** A change of grants with its proof, its replay and its patch. */
export function Smaller({ of }: { of: Recommendation }) {
  const changed = of.documents.before.map((before) => ({ before, after: of.documents.after.find((one) => one.id === before.id && one.on === before.on) }));
  return (
    <>
      {of.blocked && <Banner tone="warn" icon="deny">{of.blocked}</Banner>}
      <div className="columns">
        <div className="span-8 stack">
          <Card title="What to change" aside={of.ready ? <Tag tone="good" icon="check">ready</Tag> : <Tag tone="unknown" icon="unknown">not ready</Tag>}><p>{of.sentence}</p></Card>
          {changed.length === 0 && <Said icon="check" title="Nothing has to change" />}
          {changed.map(({ before, after }) => (
            <Card key={before.on + before.id} title={before.policy} aside={after ? undefined : "goes away"}><Difference label={`Change of ${before.policy}`} before={text(before.document)} after={after ? text(after.document) : ""} /></Card>
          ))}
          {Object.entries(of.patches ?? {}).map(([name, patch]) => <Card key={name} title={name} aside={<Copy text={patch} label={`Copy ${name}`} />}><Code label={name}>{patch}</Code></Card>)}
        </div>
        <div className="span-4 stack">
          <Card title="Proof">
            <Facts of={[
              ["Only narrower", of.proof && <Proof key="n" of={of.proof.narrower} />],
              ["Keeps what is used", of.proof && <Proof key="e" of={of.proof.enough} />],
              ["Replayed calls", of.replay && whole(of.replay.calls)],
              ["Would break", of.replay && <Tag key="b" tone={of.replay.would_break === 0 ? "good" : "critical"}>{many(of.replay.would_break, "call")}</Tag>],
              ["Owner", of.owner],
            ]} />
          </Card>
          <Card title="Goes away" aside={many(of.removed.length, "permission")}><Names of={of.removed} /></Card>
          <Card title="Stays" aside={many(of.kept.length, "permission")}><Names of={of.kept.map((one) => one.permission)} /></Card>
          {of.notes.length > 0 && <Card title="Notes"><ul className="stack-s">{of.notes.map((note) => <li key={note}>{note}</li>)}</ul></Card>}
        </div>
      </div>
    </>
  );
}

function Proof({ of }: { of: { state: string; why: string } }) {
  return <span className="stack-s"><Tag tone={of.state === "proved" ? "good" : "unknown"} icon={of.state === "proved" ? "check" : "unknown"}>{of.state}</Tag>{of.why && <span className="wrap">{of.why}</span>}</span>;
}

function Names({ of }: { of: readonly string[] }) {
  const shown = of.slice(0, 40);
  return <ul className="stack-s">{shown.map((one) => <li key={one} className="wrap"><code>{one}</code></li>)}{of.length > shown.length && <li className="muted">and {whole(of.length - shown.length)} more</li>}</ul>;
}
