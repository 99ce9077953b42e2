import { useCallback, useState } from "react";

const PREFIX = "leastwise.draft.";

function read<Fields>(name: string, empty: Fields): Fields {
  try {
    const kept = sessionStorage.getItem(PREFIX + name);
    return kept === null ? empty : { ...empty, ...(JSON.parse(kept) as Partial<Fields>) };
  } catch {
    return empty;
  }
}

/** Fields of a form that outlive a reload and a way over an identity provider; never for secrets. */
export function useDraft<Fields extends object>(name: string, empty: Fields): [Fields, (change: Partial<Fields>) => void, () => void] {
  const [fields, setFields] = useState(() => read(name, empty));
  const change = useCallback((part: Partial<Fields>) => {
    setFields((now) => {
      const next = { ...now, ...part };
      try { sessionStorage.setItem(PREFIX + name, JSON.stringify(next)); } catch { /* Storage is full or closed: the form works, it only does not outlive a reload. */ }
      return next;
    });
  }, [name]);
  const clear = useCallback(() => {
    try { sessionStorage.removeItem(PREFIX + name); } catch { /* as above */ }
    setFields(empty);
  }, [name, empty]);
  return [fields, change, clear];
}
