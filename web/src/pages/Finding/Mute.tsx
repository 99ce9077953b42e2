import { useMutation } from "@tanstack/react-query";
import { useId, useMemo } from "react";
import { ask } from "../../api/client";
import { told } from "../../api/problem";
import type { Finding } from "../../api/types";
import { useDraft } from "../../shell/draft";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";

const later = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Mutes a finding, with a reason and an end. */
export function Mute({ of, close, done }: { of: Finding; close: () => void; done: () => void }) {
  const empty = useMemo(() => ({ reason: "", until: later(90) }), []);
  const [fields, change, clear] = useDraft(`mute.${of.key}`, empty);
  const id = useId();
  const mute = useMutation({
    mutationFn: () => ask("findings/mutes", { method: "POST", body: { key: of.key, reason: fields.reason.trim(), until: fields.until } }),
    onSuccess: () => { clear(); done(); },
  });
  return (
    <Dialog title="Mute this finding" onClose={close}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); mute.mutate(); }}>
        <p className="muted wrap">{of.message}</p>
        <div className="field">
          <label htmlFor={id}>Why is this meant to be so?</label>
          <textarea id={id} className="input" rows={3} required maxLength={500} value={fields.reason} onChange={(event) => change({ reason: event.target.value })} />
        </div>
        <Field label="Until" type="date" value={fields.until} onChange={(until) => change({ until })} min={later(1)} required hint="Then it counts again. The mute and its reason go into the record." />
        {mute.error && <p className="wrong" role="alert">{told(mute.error)}</p>}
        <footer><Button onClick={close}>Cancel</Button><Button look="main" type="submit" disabled={mute.isPending || fields.reason.trim() === ""}>Mute</Button></footer>
      </form>
    </Dialog>
  );
}
