import { createContext } from "react";

/** The time of the estate that is shown: ages count from it, not from when somebody looks. Null until it is known. */
export const ClockContext = createContext<string | null>(null);
