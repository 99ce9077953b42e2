import { useQuery } from "@tanstack/react-query";
import { recommendation } from "../../api/identity";
import { Answered } from "../../shell/Answered";
import { Smaller } from "../../shell/answers/Smaller";

/** The smallest grant that keeps what is used. */
export default function Smallest({ id }: { id: string }) {
  const found = useQuery(recommendation(id));
  return <Answered of={found} waiting="Looking for the smallest grant, and proving it" lines={8}>{(answer) => <Smaller of={answer} />}</Answered>;
}
