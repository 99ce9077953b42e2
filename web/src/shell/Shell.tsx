import { useIsFetching, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useState, useSyncExternalStore } from "react";
import { estate as asked } from "../api/estate";
import { Problem, told } from "../api/problem";
import { signOut } from "../api/session";
import { Button } from "../ui/Button";
import { Icon, type IconName } from "../ui/icons";
import { ago, minute } from "../ui/numbers";
import { Banner } from "../ui/Said";
import { toast, Toasts } from "../ui/Toasts";
import { ClockContext } from "./clock";
import { Mark } from "./Mark";
import { GlobalSearch } from "./Search";
import { Session } from "./Session";
import { useMe } from "./session";
import { useTheme } from "./theme";
import "./shell.css";

const PLACES: readonly (readonly [to: string, title: string, icon: IconName])[] = [
  ["/", "Overview", "overview"],
  ["/identities", "Identities", "identity"],
  ["/resources", "Resources", "resource"],
  ["/ask", "Ask", "ask"],
  ["/paths", "Paths", "paths"],
  ["/findings", "Findings", "finding"],
  ["/plans", "Plans", "plan"],
  ["/accounts", "Accounts", "account"],
  ["/settings", "Settings", "settings"],
];

export function Shell() {
  return <Session><Frame /><Toasts /></Session>;
}

function Frame() {
  const [open, setOpen] = useState(false);
  const time = useQuery(asked()).data?.estate.time ?? null;
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [seen, setSeen] = useState(path);
  if (seen !== path) { setSeen(path); setOpen(false); }
  return (
    <div className="shell">
      <a className="skip" href="#content">Skip to content</a>
      {open && <button type="button" className="side-veil" aria-label="Close navigation" onClick={() => setOpen(false)} />}
      <aside className={open ? "side open" : "side"} aria-label="Leastwise">
        <Link to="/" className="brand-row"><Mark /><span className="brand">Leastwise</span></Link>
        <nav aria-label="Main" className="stack-s">
          {PLACES.map(([to, title, icon]) => (
            <Link key={to} to={to} className="nav" activeOptions={{ exact: to === "/" }}><Icon name={icon} />{title}</Link>
          ))}
        </nav>
        <Foot />
      </aside>
      <div className="main">
        <header className="top">
          <Button look="plain" icon="menu" aria-label="Navigation" className="menu-button" onClick={() => setOpen(true)} />
          <GlobalSearch />
          <div className="end"><Age /><ThemeSwitch /></div>
        </header>
        <Connection />
        <main id="content" className="content" tabIndex={-1}><ClockContext value={time}><Outlet /></ClockContext></main>
      </div>
    </div>
  );
}

function Foot() {
  const me = useMe();
  const leave = (): void => { void signOut().then((elsewhere) => location.assign(elsewhere ?? "/"), (error: unknown) => toast(told(error), "finding")); };
  return (
    <div className="foot">
      <div className="row">
        <span className="clip grow" title={me.name}>{me.name}</span>
        {me.via === "session" && <Button look="plain" icon="out" aria-label="Sign out" onClick={leave} />}
      </div>
    </div>
  );
}

/** How old what is shown is: the one age that counts from now. */
function Age() {
  const found = useQuery(asked());
  const estate = found.data?.estate;
  if (!estate) return null;
  return (
    <Link to="/accounts" className="tag outline age" title={`Newest snapshot ${minute(estate.time)}, oldest ${minute(estate.oldest)}`}>
      <span className={estate.stale.length > 0 ? "fresh old" : "fresh"} />As of {ago(estate.time, new Date())}
    </Link>
  );
}

function ThemeSwitch() {
  const [theme, choose] = useTheme();
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  return <Button look="plain" icon={dark ? "sun" : "moon"} aria-label={dark ? "Light theme" : "Dark theme"} onClick={() => choose(dark ? "light" : "dark")} />;
}

const online = (listener: () => void): (() => void) => {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => { removeEventListener("online", listener); removeEventListener("offline", listener); };
};

/** Says that the server is away, tries it again, and lets what is shown stand meanwhile. */
function Connection() {
  const queries = useQueryClient();
  const connected = useSyncExternalStore(online, () => navigator.onLine);
  const fetching = useIsFetching();
  const away = queries.getQueryCache().getAll().some((one) => one.state.error instanceof Problem && one.state.error.status === 0 && one.isActive());
  const struggling = queries.getQueryCache().getAll().some((one) => one.state.fetchFailureReason instanceof Problem && one.state.fetchFailureReason.passing && one.state.fetchStatus !== "idle");
  useEffect(() => {
    if (!away) return;
    const timer = setInterval(() => void queries.refetchQueries({ predicate: (one) => one.state.error instanceof Problem && one.state.error.passing, type: "active" }), 4000);
    return () => clearInterval(timer);
  }, [away, queries]);
  if (connected && !away && !struggling) return null;
  return (
    <div className="line-on-top" data-fetching={fetching}>
      <Banner tone="warn" icon="bolt">{connected ? "The server does not answer. Trying again; what is shown stands as it was." : "The browser is offline. What is shown stands as it was."}</Banner>
    </div>
  );
}
