import { useState } from "react";
import { exported, useFacets, useRows, sum, type Count, type ListName } from "../api/lists";
import { told } from "../api/problem";
import { Button } from "../ui/Button";
import { Icon } from "../ui/icons";
import { Menu } from "../ui/Menu";
import { many, whole } from "../ui/numbers";
import { Failed, Said } from "../ui/Said";
import { Table, type Column } from "../ui/Table";
import { Page } from "./Page";
import { useAddress } from "./address";
import { useMay } from "./session";
import { Views } from "./Views";

export interface Facet {
  /** The name of the filter, which is that of the column. */
  readonly name: string;
  readonly title: string;
  /** How a value is written; the value itself where it is left out. */
  readonly word?: (value: string) => string;
}

interface Props<Row> {
  readonly list: ListName;
  readonly title: string;
  readonly one: string;
  readonly columns: readonly Column<Row>[];
  readonly facets: readonly Facet[];
  readonly rowKey: (row: Row) => string;
  readonly onOpen?: (row: Row) => void;
  readonly sort?: string;
  /** The keys of rows that the columns read; all where it is left out. */
  readonly fields?: readonly (keyof Row & string)[];
  readonly actions?: React.ReactNode;
  readonly above?: React.ReactNode;
  /** Filters that are always on. */
  readonly fixed?: Readonly<Record<string, string>>;
}

/** A page that is one list: text, facets with counts, order, export, saved views; all of it in the address. */
export function ListPage<Row>({ list, title, one, columns, facets, rowKey, onOpen, sort: usual = "", fields, actions, above, fixed }: Props<Row>) {
  const [address, set] = useAddress();
  const may = useMay("export");
  const sort = address.sort ?? usual;
  const names = facets.map((facet) => facet.name);
  const filters: Record<string, string> = Object.fromEntries(["text", ...names].flatMap((name) => (address[name] ? [[name, address[name]] as const] : [])));
  const query = { ...fixed, ...filters };
  const found = useRows<Row>(list, { ...query, sort, fields: fields?.join(",") });
  const counts = useFacets(list, query);
  const filtered = Object.keys(filters).length > 0;
  const clear = (): void => set(Object.fromEntries(["text", ...names].map((name) => [name, undefined])));
  const unreadable = found.coverage?.unreadable.length ?? 0;
  return (
    <Page filled title={title} actions={actions} under={
      <span>{found.pending ? "Counting …" : many(found.rows.total, one)}{filtered && " with these filters"}{unreadable > 0 && ` · ${many(unreadable, "account")} could not be read, so there may be more`}</span>
    }>
      {above}
      <div className="toolbar" role="search" aria-label={`Filter ${title.toLowerCase()}`}>
        <TextFilter value={address.text ?? ""} onChange={(text) => set({ text })} />
        {facets.map((facet) => <FacetMenu key={facet.name} facet={facet} value={address[facet.name] ?? ""} counts={counts?.[facet.name]} onChange={(value) => set({ [facet.name]: value })} />)}
        {filtered && <Button look="plain" icon="close" onClick={clear}>Clear</Button>}
        <div className="end end-side">
          <Views list={list} />
          {may && (
            <Menu label="Export" icon="download">
              {() => (["csv", "xlsx"] as const).map((format) => <a key={format} className="menu-item" href={exported(list, { ...query, sort }, format)} download>{format.toUpperCase()}<span className="count">{whole(found.rows.total)} rows</span></a>)}
            </Menu>
          )}
        </div>
      </div>
      {found.error && found.rows.total === 0 ? <Failed message={told(found.error)} again={found.again} />
        : !found.pending && found.rows.total === 0 ? (
          <Said title={filtered ? `No ${one} matches these filters` : `There is no ${one} in the estate`} action={filtered ? <Button onClick={clear}>Clear the filters</Button> : undefined}>
            {filtered ? undefined : unreadable > 0 ? "Some accounts could not be read: what lies there is not known." : "Collect or import something first: leastwise collect, leastwise import."}
          </Said>
        ) : <Table label={title} columns={columns} rows={found.pending ? { total: 12, at: () => undefined } : found.rows} rowKey={rowKey} {...(onOpen ? { onOpen } : {})} sort={sort} onSort={(next) => set({ sort: next })} />}
    </Page>
  );
}

function TextFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) { setSeen(value); setText(value); }
  return <input className="input text" type="search" aria-label="Filter by text" placeholder="Filter by name or id" value={text} onChange={(event) => { setText(event.target.value); setSeen(event.target.value); onChange(event.target.value); }} />;
}

function FacetMenu({ facet, value, counts, onChange }: { facet: Facet; value: string; counts: readonly Count[] | undefined; onChange: (value: string) => void }) {
  const word = (one: string): string => (one === "" || one === "null" ? "not known" : (facet.word?.(one) ?? one));
  // What is not known cannot be asked for by a filter: it is counted, and not offered.
  const values = (counts ?? []).filter((one) => one.value !== null && one.value !== "").map((one) => [String(one.value), one.count] as const);
  const unknown = sum(counts, null, "") ?? 0;
  return (
    <Menu label={value ? `${facet.title}: ${word(value)}` : facet.title} chosen={value !== ""}>
      {(close) => (
        <>
          {value !== "" && <button type="button" className="menu-item" onClick={() => { onChange(""); close(); }}><Icon name="close" />Any</button>}
          {values.map(([one, count]) => (
            <button key={one} type="button" className="menu-item" aria-pressed={one === value} onClick={() => { onChange(one); close(); }}>
              <span className="clip">{word(one)}</span><span className="count">{whole(count)}</span>
            </button>
          ))}
          {unknown > 0 && <p className="menu-item muted">not known<span className="count">{whole(unknown)}</span></p>}
          {values.length === 0 && unknown === 0 && <p className="menu-item muted">Nothing to choose from</p>}
        </>
      )}
    </Menu>
  );
}
