import { useId, type InputHTMLAttributes, type ReactNode } from "react";

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> {
  label: string;
  hint?: ReactNode;
  wrong?: string | undefined;
  onChange: (value: string) => void;
}

export function Field({ label, hint, wrong, onChange, ...rest }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="input" autoComplete="off" spellCheck={false} aria-invalid={wrong ? true : undefined} aria-describedby={wrong || hint ? `${id}-s` : undefined} onChange={(event) => onChange(event.target.value)} {...rest} />
      {(wrong ?? hint) !== undefined && <span id={`${id}-s`} className={wrong ? "wrong" : "hint"}>{wrong ?? hint}</span>}
    </div>
  );
}

interface SelectProps { label: string; value: string; onChange: (value: string) => void; options: readonly (readonly [value: string, text: string])[]; hidden?: boolean }

export function Select({ label, value, onChange, options, hidden = false }: SelectProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={hidden ? "unseen" : ""}>{label}</label>
      <select id={id} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([one, text]) => <option key={one} value={one}>{text}</option>)}
      </select>
    </div>
  );
}

/** One of a few, all in sight. */
export function Segments({ label, value, onChange, options }: SelectProps) {
  return (
    <div className="segments" role="group" aria-label={label}>
      {options.map(([one, text]) => <button key={one} type="button" aria-pressed={one === value} onClick={() => onChange(one)}>{text}</button>)}
    </div>
  );
}
