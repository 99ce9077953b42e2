import { useId, useState, type KeyboardEvent, type ReactNode } from "react";

export interface Choice { readonly value: string; readonly text: string; readonly beside?: string }

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  choices: readonly Choice[];
  onChoose?: (choice: Choice) => void;
  placeholder?: string;
  hint?: ReactNode;
  wrong?: string | undefined;
  hideLabel?: boolean;
}

/** A field that offers choices and takes anything else too. */
export function Combo(props: Props) {
  const { label, value, onChange, choices, onChoose, placeholder, hint, wrong, hideLabel = false } = props;
  const id = useId();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const listed = open && choices.length > 0;
  const choose = (choice: Choice): void => { onChange(choice.value); onChoose?.(choice); setOpen(false); setActive(-1); };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && listed) { event.preventDefault(); event.stopPropagation(); setOpen(false); return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((now) => (choices.length === 0 ? -1 : (now + step + choices.length + (now < 0 && step < 0 ? 1 : 0)) % choices.length));
      return;
    }
    const choice = choices[active];
    if (event.key === "Enter" && listed && choice) { event.preventDefault(); choose(choice); }
  };
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? "unseen" : ""}>{label}</label>
      <div className="combo">
        <input id={id} className="input" role="combobox" autoComplete="off" spellCheck={false} value={value} placeholder={placeholder} aria-expanded={listed} aria-controls={`${id}-l`} aria-autocomplete="list"
          aria-activedescendant={listed && active >= 0 ? `${id}-${active}` : undefined} aria-invalid={wrong ? true : undefined}
          onChange={(event) => { onChange(event.target.value); setOpen(true); setActive(-1); }} onFocus={() => setOpen(true)} onBlur={() => setOpen(false)} onKeyDown={onKeyDown} />
        <div id={`${id}-l`} role="listbox" aria-label={`${label}: choices`} className={listed ? "choices" : "unseen"}>
          {listed && choices.map((choice, index) => (
            <div key={choice.value} id={`${id}-${index}`} role="option" aria-selected={index === active} className="choice" onMouseDown={(event) => { event.preventDefault(); choose(choice); }} onMouseMove={() => setActive(index)}>
              <span className="clip">{choice.text}</span>
              {choice.beside && <span className="beside">{choice.beside}</span>}
            </div>
          ))}
        </div>
      </div>
      {(wrong ?? hint) !== undefined && <span className={wrong ? "wrong" : "hint"}>{wrong ?? hint}</span>}
    </div>
  );
}
