import type { Hop, Path } from "../../api/types";
import { Answer, Tag } from "../../ui/Tag";
import { provider, ThingLink } from "../words";
import { Because } from "./Because";
import "./answers.css";

/** A path as text: who, what he does, what he becomes; each hop with its reason. */
export function PathText({ of }: { of: Path }) {
  return (
    <ol className="path">
      {of.hops.map((hop, index) => (
        <li key={index} className="hop">
          <div className="rail"><span className="dot" /><span className="wire" /></div>
          <div className="what"><span className="strong wrap"><ThingLink id={hop.from} name={hop.from_name} /></span><Step of={hop} /></div>
        </li>
      ))}
      <li className="hop goal"><div className="rail"><span className="dot" /></div><div className="what"><Goal id={of.to} name={of.to_name} /></div></li>
    </ol>
  );
}

function Goal({ id, name }: { id: string; name: string }) {
  return <span className="strong wrap">{id.startsWith("administrator of ") ? id : <ThingLink id={id} name={name} />}</span>;
}

function Step({ of }: { of: Hop }) {
  return (
    <div className="step">
      <div className="row-wrap"><span className="strong">{of.title}</span><Answer state={of.state} /><Tag tone="outline">{provider(of.provider)}</Tag>{of.technique && <Tag tone="outline">{of.technique}</Tag>}</div>
      {of.through && <div className="wrap muted">through {of.through}</div>}
      {of.missing && <div className="wrap">{of.missing}</div>}
      {of.needs.length > 0 && (
        <details>
          <summary>Why this works</summary>
          <div className="stack">
            {of.needs.map((all, index) => (
              <div key={index} className="stack">
                {index > 0 && <span className="muted">or</span>}
                {all.map((need, place) => <div key={place} className="stack-s"><div className="wrap"><code>{need.permission}</code>{need.on && <> on <code>{need.on}</code></>}</div><Because of={need.decision} /></div>)}
              </div>
            ))}
          </div>
        </details>
      )}
      {of.remediation && <div className="wrap"><span className="muted">To end it: </span>{of.remediation}</div>}
    </div>
  );
}
