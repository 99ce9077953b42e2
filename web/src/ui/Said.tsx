import type { ReactNode } from "react";
import { Button } from "./Button";
import { Icon, type IconName } from "./icons";

/** What stands where nothing can: an empty list, an error, an answer that is not worked out yet. */
export function Said({ icon = "search", title, children, action }: { icon?: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="said">
      <Icon name={icon} />
      <p className="title">{title}</p>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

interface Failure {
  message: string;
  again?: (() => void) | undefined;
}

export function Failed({ message, again }: Failure) {
  return (
    <div className="said wrong" role="alert">
      <Icon name="finding" />
      <p className="title">This could not be read</p>
      <p>{message}</p>
      {again && <Button onClick={again}>Try again</Button>}
    </div>
  );
}

export function Waiting({ lines = 4, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div className="stack" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => <span key={line} className="bar-of" />)}
    </div>
  );
}

export function Banner({ tone = "note", icon = "unknown", children }: { tone?: "note" | "warn" | "bad"; icon?: IconName; children: ReactNode }) {
  return (
    <div className={`banner ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={icon} />
      <div className="grow">{children}</div>
    </div>
  );
}
