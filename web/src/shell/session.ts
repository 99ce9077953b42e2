import { createContext, use } from "react";
import type { Me } from "../api/types";

export const SessionContext = createContext<Me | null>(null);

/** Who is signed in. */
export function useMe(): Me {
  const me = use(SessionContext);
  if (!me) throw new Error("no session around this part of the page");
  return me;
}

/** Whether who is signed in may do something; what he may not do is not offered (the server refuses it all the same). */
export function useMay(right: string): boolean {
  return useMe().rights.includes(right);
}
