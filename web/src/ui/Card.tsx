import { useId, type ReactNode } from "react";

interface Props {
  title?: string;
  aside?: ReactNode;
  children: ReactNode;
  flush?: boolean;
  className?: string;
}

export function Card({ title, aside, children, flush = false, className = "" }: Props) {
  const id = useId();
  return (
    <section className={`card ${flush ? "flush" : ""} ${className}`} aria-labelledby={title ? id : undefined}>
      {title && (
        <header>
          <h2 id={id}>{title}</h2>
          {aside !== undefined && <div className="aside">{aside}</div>}
        </header>
      )}
      <div className="body">{children}</div>
    </section>
  );
}

/** Names and values one below the other; what is empty is left out. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {of.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false).map(([name, value]) => (
        <div key={name} className="fact"><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}
