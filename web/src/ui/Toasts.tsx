import { useEffect, useSyncExternalStore } from "react";
import { Button } from "./Button";
import { Icon, type IconName } from "./icons";

interface Toast { id: number; text: string; icon: IconName }

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();
const publish = (of: readonly Toast[]): void => { toasts = of; listeners.forEach((listener) => listener()); };

/** Says something in passing; it is read aloud and goes by itself. */
export function toast(text: string, icon: IconName = "check"): void {
  publish([...toasts.slice(-3), { id: next++, text, icon }]);
}

const drop = (id: number): void => publish(toasts.filter((one) => one.id !== id));
const subscribe = (listener: () => void): (() => void) => { listeners.add(listener); return () => listeners.delete(listener); };

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return <div className="toasts" role="status" aria-live="polite">{shown.map((one) => <One key={one.id} of={one} />)}</div>;
}

function One({ of }: { of: Toast }) {
  useEffect(() => {
    const timer = setTimeout(() => drop(of.id), 6000);
    return () => clearTimeout(timer);
  }, [of.id]);
  return (
    <div className="toast">
      <Icon name={of.icon} />
      <span className="grow wrap">{of.text}</span>
      <Button look="plain" icon="close" aria-label="Dismiss" onClick={() => drop(of.id)} />
    </div>
  );
}
