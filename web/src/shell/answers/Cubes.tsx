import { useMemo, useState } from "react";
import type { Cube } from "../../api/types";
import { Card } from "../../ui/Card";
import { many, whole } from "../../ui/numbers";
import { held, Table, type Column } from "../../ui/Table";
import { Answer } from "../../ui/Tag";
import { Missing } from "./Because";
import { Residual } from "./Residual";
import "./answers.css";

interface Service { readonly name: string; readonly permissions: readonly string[] }

const service = (permission: string): string => permission.split(/[:/.]/, 1)[0] ?? permission;

function services(of: Cube): Service[] {
  const found = new Map<string, string[]>();
  for (const permission of of.permissions) {
    const name = service(permission);
    const list = found.get(name);
    if (list) list.push(permission);
    else found.set(name, [permission]);
  }
  return [...found].map(([name, permissions]) => ({ name, permissions })).sort((a, b) => b.permissions.length - a.permissions.length || a.name.localeCompare(b.name));
}

/** Effective access: sets of permissions on sets of resources, each with its answer. */
export function Cubes({ of }: { of: readonly Cube[] }) {
  return <div className="stack">{of.map((cube, index) => <One key={index} of={cube} />)}</div>;
}

const COLUMNS: readonly Column<Service>[] = [
  { id: "service", title: "Service", width: 200, cell: (row) => <span className="strong">{row.name}</span> },
  { id: "count", title: "Permissions", width: 110, right: true, cell: (row) => whole(row.permissions.length) },
  { id: "names", title: "Which", width: 300, grow: true, cell: (row) => <span className="muted" title={row.permissions.slice(0, 60).join(", ")}>{row.permissions.slice(0, 8).map((one) => one.slice(row.name.length + 1)).join(", ")}{row.permissions.length > 8 ? " …" : ""}</span> },
];

function One({ of }: { of: Cube }) {
  const all = useMemo(() => services(of), [of]);
  const [most, setMost] = useState(12);
  const resources = of.resources.slice(0, 20);
  return (
    <Card flush title={`${many(of.permissions.length, "permission")} on ${of.resources.length === 1 && of.resources[0] === "*" ? "every resource" : many(of.resources.length, "resource pattern")}`} aside={<Answer state={of.state} />}>
      <div className="padded stack-s">
        <ul className="row-wrap">{resources.map((one) => <li key={one} className="wrap"><code>{one}</code></li>)}{of.resources.length > resources.length && <li className="muted">and {whole(of.resources.length - resources.length)} more</li>}</ul>
        {of.exceptions.length > 0 && <div className="wrap"><span className="muted">except </span>{of.exceptions.slice(0, 12).map((one) => <code key={one}>{one} </code>)}</div>}
        {of.residual.length > 0 && <div><span className="muted">only if </span><Residual of={of.residual} /></div>}
        <Missing of={of.missing} />
      </div>
      <Table fitted label="Permissions by service" columns={COLUMNS} rows={held(all.slice(0, most))} rowKey={(row) => row.name} />
      {all.length > most && <div className="padded"><button type="button" className="button plain" onClick={() => setMost(most + 100)}>{`Show ${whole(Math.min(100, all.length - most))} more of ${whole(all.length)} services`}</button></div>}
    </Card>
  );
}
