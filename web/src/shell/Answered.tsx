import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { told } from "../api/problem";
import { Failed, Waiting } from "../ui/Said";

/** What a question came to: waiting, its failure, or its answer; an older answer stands while a newer is asked. */
export function Answered<Answer>({ of, waiting = "Working it out", lines = 5, children }: { of: UseQueryResult<Answer>; waiting?: string; lines?: number; children: (answer: Answer) => ReactNode }) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <Failed message={told(of.error)} again={() => void of.refetch()} />;
  return <div className="padded"><Waiting lines={lines} label={waiting} /></div>;
}
