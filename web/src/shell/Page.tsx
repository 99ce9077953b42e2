import { useEffect, type ReactNode } from "react";

interface Props {
  title: string;
  /** What stands in front of the title: a kind, a way back. */
  above?: ReactNode;
  under?: ReactNode;
  actions?: ReactNode;
  /** As high as the window, its list scrolls inside. */
  filled?: boolean;
  children: ReactNode;
}

/** The frame of a page: its title, what is said under it, what can be done. */
export function Page({ title, above, under, actions, filled = false, children }: Props) {
  useEffect(() => { document.title = `${title} · Leastwise`; }, [title]);
  return (
    <div className={filled ? "page filled" : "page"}>
      <div className="page-head">
        <div className="titles">
          {above !== undefined && <div className="row-wrap muted">{above}</div>}
          <h1>{title}</h1>
          {under !== undefined && <div className="under row-wrap">{under}</div>}
        </div>
        {actions !== undefined && <div className="actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
