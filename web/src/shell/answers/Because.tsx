import type { Decision, Link as Step } from "../../api/types";
import { Icon } from "../../ui/icons";
import { Answer } from "../../ui/Tag";
import { plain, ThingLink } from "../words";
import { Residual } from "./Residual";
import "./answers.css";

/** The way from who asks to the statement: groups, inheritance, assumptions. */
export function Chain({ of }: { of: readonly Step[] }) {
  if (of.length === 0) return null;
  return (
    <ol className="chain">
      {of.map((step) => <li key={step.kind + step.id}><Icon name="right" small /><span className="muted">{plain(step.kind)}</span> <ThingLink id={step.id} name={step.name} /></li>)}
    </ol>
  );
}

export function Missing({ of }: { of: readonly string[] }) {
  if (of.length === 0) return null;
  return (
    <div className="stack-s">
      <p className="strong">What is missing for a full answer</p>
      <ul className="stack-s">{of.map((one) => <li key={one} className="row"><Icon name="unknown" small /><span className="wrap">{one}</span></li>)}</ul>
    </div>
  );
}

/** A decision with everything that led to it. */
export function Because({ of }: { of: Decision }) {
  return (
    <div className="stack">
      <div className="row-wrap"><Answer state={of.state} />{!of.exact && <span className="muted">worked out within a budget, and not exactly</span>}</div>
      {of.reasons.length > 0 && (
        <div className="stack-s">
          <p className="strong">Because</p>
          <ul className="stack-s">
            {of.reasons.map((reason, index) => (
              <li key={index} className="reason">
                <Icon name={reason.effect === "denies" ? "deny" : "check"} small />
                <div className="grow"><div className="wrap">{reason.text}</div>{reason.source && <code className="muted wrap">{reason.source}</code>}</div>
              </li>
            ))}
          </ul>
        </div>
      )}
      {of.chain.length > 0 && <div className="stack-s"><p className="strong">By way of</p><Chain of={of.chain} /></div>}
      {of.residual.length > 0 && <div className="stack-s"><p className="strong">Only if</p><Residual of={of.residual} /></div>}
      <Missing of={of.missing} />
    </div>
  );
}
