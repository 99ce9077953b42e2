import type { Holder } from "../../api/types";
import { held, Table, type Column } from "../../ui/Table";
import { Answer, Tag } from "../../ui/Tag";
import { kindIcon, IdentityLink, plain } from "../words";
import { Icon } from "../../ui/icons";

const COLUMNS: readonly Column<Holder>[] = [
  { id: "who", title: "Who", width: 260, grow: true, cell: (row) => <span className="cell-2"><Icon name={kindIcon(row.kind)} /><span className="clip">{row.inside ? <IdentityLink id={row.principal} name={row.name} /> : <span title={row.principal}>{row.name || row.principal}</span>}</span>{!row.inside && <Tag tone="outline">outside</Tag>}</span> },
  { id: "kind", title: "Kind", width: 130, cell: (row) => plain(row.kind) },
  { id: "account", title: "Account", width: 160, cell: (row) => <span title={row.account}>{row.account}</span> },
  { id: "state", title: "Answer", width: 130, cell: (row) => <Answer state={row.state} /> },
  { id: "how", title: "How, under which condition, or what is missing", width: 320, grow: true, cell: (row) => {
    const how = row.missing.length > 0 ? row.missing.join("; ")
      : [row.chain.map((step) => step.name || step.id).join(" → "), ...row.residual.slice(0, 1).map((all) => all.map((leaf) => `${leaf.key} ${leaf.negated ? "not " : ""}${leaf.operator} ${leaf.values.join(", ")}`).join(" and "))].filter(Boolean).join(" · ");
    return <span className="muted" title={how}>{how || "directly"}</span>;
  } },
];

/** Everybody who can. */
export function Holders({ of, label }: { of: readonly Holder[]; label: string }) {
  return <div className="tall"><Table label={label} columns={COLUMNS} rows={held(of)} rowKey={(row) => `${row.principal} ${row.state}`} /></div>;
}
