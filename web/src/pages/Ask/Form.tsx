import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect } from "react";
import { complete } from "../../api/questions";
import { useDraft } from "../../shell/draft";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Card";
import { Combo } from "../../ui/Combo";
import { Segments } from "../../ui/Field";
import "./ask.css";

export interface Asked { readonly kind: "can" | "who" | "what"; readonly principal: string; readonly action: string; readonly resource: string; readonly context: string; readonly strict: string }

const EMPTY: Asked = { kind: "can", principal: "", action: "", resource: "", context: "", strict: "" };
const given = (asked: Asked): boolean => asked.principal + asked.action + asked.resource !== "";

/** The question being put together; it is a draft until it is asked. */
export function Form({ asked, onAsk }: { asked: Asked; onAsk: (asked: Asked) => void }) {
  const [fields, change] = useDraft("ask", EMPTY);
  useEffect(() => { if (given(asked)) change(asked); }, [asked, change]);
  const { kind } = fields;
  const ready = (kind === "who" || fields.principal.trim() !== "") && (kind === "what" || fields.action.trim() !== "");
  return (
    <Card>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); if (ready) onAsk({ ...fields, principal: kind === "who" ? "" : fields.principal.trim(), action: kind === "what" ? "" : fields.action.trim(), resource: fields.resource.trim() }); }}>
        <div><Segments label="Question" value={kind} onChange={(next) => change({ kind: next as Asked["kind"] })} options={[["can", "Can somebody …"], ["who", "Who can …"], ["what", "What can somebody do"]]} /></div>
        <div className="ask-fields">
          {kind !== "who" && <Completing kind="principal" label="Principal" value={fields.principal} onChange={(principal) => change({ principal })} placeholder="name, ARN, mail or object id" />}
          {kind !== "what" && <Completing kind="action" label="Action" value={fields.action} onChange={(action) => change({ action })} placeholder="s3:GetObject" />}
          <Completing kind="resource" label={kind === "can" ? "Resource" : "Resource (optional)"} value={fields.resource} onChange={(resource) => change({ resource })} placeholder="any" />
        </div>
        {kind !== "what" && (
          <details>
            <summary>Circumstances</summary>
            <div className="stack-s">
              <div className="field"><label htmlFor="ask-context">Condition keys, one a line: key=value</label><textarea id="ask-context" className="input mono" rows={3} value={fields.context} onChange={(event) => change({ context: event.target.value })} spellCheck={false} placeholder="aws:SourceIp=203.0.113.7" /></div>
              <label className="check"><input type="checkbox" checked={fields.strict !== ""} onChange={(event) => change({ strict: event.target.checked ? "yes" : "" })} />Keys that are not given are absent (simulation), instead of unknown</label>
            </div>
          </details>
        )}
        <div><Button type="submit" look="main" disabled={!ready}>Ask</Button></div>
      </form>
    </Card>
  );
}

function Completing({ kind, label, value, onChange, placeholder }: { kind: "principal" | "action" | "resource"; label: string; value: string; onChange: (value: string) => void; placeholder: string }) {
  const text = useDeferredValue(value.trim());
  const found = useQuery(complete(kind, text));
  const choices = (found.data?.items ?? []).filter((one) => one.id !== value).map((one) => ({ value: one.id, text: one.name === one.id ? one.id : `${one.name} · ${one.id}`, beside: [one.what, one.account].filter(Boolean).join(" · ") }));
  return <Combo label={label} value={value} onChange={onChange} choices={choices} placeholder={placeholder} />;
}
