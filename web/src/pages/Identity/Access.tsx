import { useQuery } from "@tanstack/react-query";
import { effective } from "../../api/identity";
import { Answered } from "../../shell/Answered";
import { Cubes } from "../../shell/answers/Cubes";
import { Said } from "../../ui/Said";

/** What it can do now, by grants, guardrails and conditions taken together. */
export default function Access({ id }: { id: string }) {
  const found = useQuery(effective(id));
  return <Answered of={found} waiting="Working out what it can do" lines={8}>{(answer) => (answer.items.length === 0 ? <Said icon="deny" title="Nothing that it can do is known" /> : <Cubes of={answer.items} />)}</Answered>;
}
