import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useDeferredValue, useMemo, useState } from "react";
import { paths } from "../../api/graph";
import { complete } from "../../api/questions";
import type { Path } from "../../api/types";
import { useAddress } from "../../shell/address";
import { Answered } from "../../shell/Answered";
import { Missing } from "../../shell/answers/Because";
import { PathText } from "../../shell/answers/PathText";
import { provider } from "../../shell/words";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Card";
import { Combo } from "../../ui/Combo";
import { many, tail } from "../../ui/numbers";
import { Said, Waiting } from "../../ui/Said";
import { held, Table, type Column } from "../../ui/Table";
import { Answer } from "../../ui/Tag";
import { picture } from "./picture";

const Graph = lazy(() => import("./Graph"));

/** Paths from anybody or somebody to administrators, a resource or an identity. */
export function Ways() {
  const [address, set] = useAddress();
  const query = { from: address.from, to: address.to ?? "admin" };
  const found = useQuery(paths(query));
  return (
    <>
      <Form key={`${address.from ?? ""} ${address.to ?? ""}`} from={address.from ?? ""} to={address.to ?? ""} onAsk={(from, to) => set({ from, to, path: undefined }, true)} />
      <Answered of={found} waiting="Walking the graph" lines={8}>
        {(answer) => (
          <>
            {answer.items.length === 0 ? <Said icon="check" title="No path is known">{answer.missing.length > 0 ? "What was not read might add one." : undefined}</Said> : <Shown paths={answer.items} />}
            <Missing of={answer.missing} />
          </>
        )}
      </Answered>
    </>
  );
}

const COLUMNS: readonly Column<Path>[] = [
  { id: "from", title: "From", width: 190, grow: true, cell: (row) => <span className="strong" title={row.from}>{row.from_name || tail(row.from)}</span> },
  { id: "to", title: "To", width: 190, grow: true, cell: (row) => <span title={row.to}>{row.to_name || tail(row.to)}</span> },
  { id: "steps", title: "Steps", width: 70, right: true, cell: (row) => row.hops.length },
  { id: "over", title: "Over", width: 130, cell: (row) => row.providers.map(provider).join(", ") },
  { id: "state", title: "Answer", width: 120, cell: (row) => <Answer state={row.state} /> },
];

const key = (path: Path): string => `${path.from} ${path.to} ${path.hops.map((hop) => hop.rule).join(" ")}`;

function Shown({ paths: all }: { paths: readonly Path[] }) {
  const [address, set] = useAddress();
  const of = useMemo(() => picture(all), [all]);
  const chosen = all.find((path) => key(path) === address.path);
  const shown = chosen ?? all[0];
  return (
    <>
      <Card title={many(all.length, "path")} aside={chosen && <Button look="plain" icon="close" onClick={() => set({ path: undefined })}>Show all</Button>}>
        <Suspense fallback={<Waiting label="Drawing" />}>
          <Graph of={of} chosen={chosen} onNode={(id) => set({ path: all.filter((path) => path.from === id).map(key)[0] ?? all.filter((path) => path.hops.some((hop) => hop.to === id)).map(key)[0] })} />
        </Suspense>
      </Card>
      <div className="columns">
        <div className="span-7"><div className="tall"><Table label="Paths" columns={COLUMNS} rows={held(all)} rowKey={key} onOpen={(row) => set({ path: key(row) })} /></div></div>
        <div className="span-5">{shown && <Card title={`${shown.from_name || tail(shown.from)}, step by step`} aside={<Answer state={shown.state} />}><PathText of={shown} /></Card>}</div>
      </div>
    </>
  );
}

function Form({ from, to, onAsk }: { from: string; to: string; onAsk: (from: string, to: string) => void }) {
  const [fields, setFields] = useState({ from, to });
  const froms = useQuery(complete("principal", useDeferredValue(fields.from.trim()))).data?.items ?? [];
  const tos = useQuery(complete("resource", useDeferredValue(fields.to.trim()))).data?.items ?? [];
  const choices = (items: typeof froms) => items.map((one) => ({ value: one.id, text: one.name || one.id, beside: [one.what, one.account].filter(Boolean).join(" · ") }));
  return (
    <form className="path-form" onSubmit={(event) => { event.preventDefault(); onAsk(fields.from.trim(), fields.to.trim()); }}>
      <Combo label="From" value={fields.from} onChange={(value) => setFields({ ...fields, from: value })} choices={choices(froms)} placeholder="anybody" />
      <Combo label="To" value={fields.to} onChange={(value) => setFields({ ...fields, to: value })} choices={choices(tos)} placeholder="any administrator" />
      <Button type="submit" look="main">Find paths</Button>
    </form>
  );
}
