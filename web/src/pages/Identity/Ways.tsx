import { useQuery } from "@tanstack/react-query";
import { pathsOf } from "../../api/graph";
import { Answered } from "../../shell/Answered";
import { Missing } from "../../shell/answers/Because";
import { PathText } from "../../shell/answers/PathText";
import { Card } from "../../ui/Card";
import { many } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { Answer } from "../../ui/Tag";

/** Whom it could become. */
export default function Ways({ id }: { id: string }) {
  const found = useQuery(pathsOf(id));
  return (
    <Answered of={found} waiting="Walking the graph">
      {(answer) => (
        <>
          {answer.items.length === 0 && <Said icon="check" title="No way to an administrator is known">{answer.missing.length > 0 ? "What was not read might add one." : undefined}</Said>}
          {answer.items.map((path, index) => <Card key={index} title={path.to_name || path.to} aside={<><Answer state={path.state} />{many(path.hops.length, "step")}</>}><PathText of={path} /></Card>)}
          <Missing of={answer.missing} />
        </>
      )}
    </Answered>
  );
}
