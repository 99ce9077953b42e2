import { useEffect, useId, useRef, type ReactNode } from "react";
import { Button } from "./Button";

interface Props {
  title: string;
  /** Without it the dialog cannot be left, only answered. */
  onClose?: () => void;
  children: ReactNode;
}

export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={id} onCancel={(event) => { event.preventDefault(); onClose?.(); }}>
      <header>
        <h2 id={id}>{title}</h2>
        {onClose && <Button look="plain" icon="close" aria-label="Close" onClick={onClose} />}
      </header>
      <div className="body">{children}</div>
    </dialog>
  );
}
