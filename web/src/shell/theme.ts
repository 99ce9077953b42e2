import { useState } from "react";

export type Theme = "system" | "light" | "dark";
const KEY = "leastwise.theme";

function kept(): Theme {
  try {
    const chosen = localStorage.getItem(KEY);
    return chosen === "light" || chosen === "dark" ? chosen : "system";
  } catch {
    return "system";
  }
}

/** The theme: the system's, until somebody chooses. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(kept);
  const choose = (next: Theme): void => {
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      if (next === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
    } catch { /* Without storage it holds until the page is closed. */ }
    setTheme(next);
    dispatchEvent(new Event("leastwise.theme"));
  };
  return [theme, choose];
}
