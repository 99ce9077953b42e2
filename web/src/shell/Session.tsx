import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { setSignIn } from "../api/client";
import { Problem, told } from "../api/problem";
import { me, session } from "../api/session";
import { Failed } from "../ui/Said";
import { SessionContext } from "./session";
import { SignInDialog, SignInPage } from "./SignIn";

/** Shows the page to who is signed in, the door to who is not, and the door over the page when a session ends. */
export function Session({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [waiting, setWaiting] = useState<(() => void) | null>(null);
  const who = useQuery({ queryKey: ["me"], queryFn: async () => { await session(); return me(); }, retry: (count, error) => error instanceof Problem && error.passing && count < 5, staleTime: Infinity });
  const signedIn = who.data !== undefined;
  useEffect(() => {
    setSignIn(signedIn ? () => new Promise<void>((resolve) => setWaiting(() => resolve)) : null);
    return () => setSignIn(null);
  }, [signedIn]);
  if (who.data) {
    const again = (): void => { waiting?.(); setWaiting(null); void queries.invalidateQueries({ queryKey: ["me"] }); };
    return (
      <SessionContext value={who.data}>
        {children}
        {waiting && <SignInDialog name={who.data.name} done={again} />}
      </SessionContext>
    );
  }
  if (who.isPending) return <div className="door" role="status" aria-label="Loading" />;
  if (who.error instanceof Problem && who.error.status === 401) return <SignInPage done={() => void who.refetch()} />;
  return <main className="door"><Failed message={told(who.error)} again={() => void who.refetch()} /></main>;
}
