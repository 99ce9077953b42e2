import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Icon, type IconName } from "./icons";

/** A button that opens a small panel; Escape and a click elsewhere close it. */
export function Menu({ label, icon, chosen = false, children }: { label: string; icon?: IconName; chosen?: boolean; children: (close: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent): void => { if (!place.current?.contains(event.target as Node)) setOpen(false); };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);
  const close = (): void => { setOpen(false); button.current?.focus(); };
  return (
    <div ref={place} className="menu" onKeyDown={(event) => { if (event.key === "Escape" && open) { event.stopPropagation(); close(); } }}>
      <button ref={button} type="button" className={chosen ? "button chip chosen" : "button chip"} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {icon && <Icon name={icon} />}<span className="clip">{label}</span><Icon name="right" small />
      </button>
      {open && <Panel id={id} close={close}>{children}</Panel>}
    </div>
  );
}

function Panel({ id, close, children }: { id: string; close: () => void; children: (close: () => void) => ReactNode }) {
  return <div id={id} className="menu-panel">{children(close)}</div>;
}
