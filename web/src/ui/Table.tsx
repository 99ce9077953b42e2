import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Icon } from "./icons";
import { travel } from "./travel";
import "./table.css";

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Pixels; columns with `grow` share what is left over. */
  readonly width: number;
  readonly grow?: boolean;
  readonly right?: boolean;
  /** The name of the order that the API knows; without one the column cannot be sorted. */
  readonly order?: string;
  readonly cell: (row: Row) => ReactNode;
}

/** Rows by position: those that are not there yet are `undefined`. */
export interface Rows<Row> {
  readonly total: number;
  readonly at: (index: number) => Row | undefined;
  /** Told which rows the frame shows. */
  readonly want?: (first: number, end: number) => void;
}

export const held = <Row,>(rows: readonly Row[]): Rows<Row> => ({ total: rows.length, at: (index) => rows[index] });

interface Props<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: Rows<Row>;
  readonly rowKey: (row: Row) => string;
  readonly onOpen?: (row: Row) => void;
  /** `name`, or `-name` for the greatest first. */
  readonly sort?: string;
  readonly onSort?: (sort: string) => void;
  /** As high as its rows, for short lists inside a card. */
  readonly fitted?: boolean;
}

const ROW = 34;
const HEAD = 32;

/** A table of any number of rows of which only those in its frame exist. */
export function Table<Row>(props: Props<Row>) {
  const { label, columns, rows, rowKey, onOpen, fitted = false } = props;
  const frame = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const [height, setHeight] = useState(fitted ? rows.total * ROW : 600);
  const [top, setTop] = useState(0);
  const [focused, setFocused] = useState(0);
  const toFocus = useRef(false);

  const shown = fitted ? rows.total * ROW : Math.max(ROW, height - HEAD);
  const way = travel(rows.total, ROW, shown);
  const { first, gone } = way.at(top);
  const end = Math.min(rows.total, first + Math.ceil(shown / ROW) + 1);
  const { want } = rows;

  useEffect(() => want?.(first, end), [want, first, end]);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element || fitted) return;
    const watch = new ResizeObserver(() => setHeight(element.clientHeight));
    watch.observe(element);
    setHeight(element.clientHeight || 600);
    return () => watch.disconnect();
  }, [fitted]);
  useLayoutEffect(() => {
    if (!toFocus.current) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${focused}"]`);
    if (row) { row.focus({ preventScroll: true }); toFocus.current = false; }
  });

  const move = useCallback((index: number) => {
    const target = Math.min(Math.max(index, 0), rows.total - 1);
    const element = frame.current;
    if (element && !fitted) {
      const fits = Math.floor(shown / ROW);
      if (target <= first) element.scrollTop = way.to(target);
      else if (target >= first + fits - 1) element.scrollTop = way.to(target - fits + 1);
    }
    toFocus.current = true;
    setFocused(target);
  }, [rows.total, shown, first, way, fitted]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLElement && event.target.closest("thead,button,input,a")) return;
    const page = Math.max(1, Math.floor(shown / ROW) - 1);
    const steps: Record<string, number> = { ArrowDown: focused + 1, ArrowUp: focused - 1, PageDown: focused + page, PageUp: focused - page, Home: 0, End: rows.total - 1 };
    const step = steps[event.key];
    if (step !== undefined) { event.preventDefault(); move(step); }
    const row = rows.at(focused);
    if (event.key === "Enter" && onOpen && row !== undefined) { event.preventDefault(); onOpen(row); }
  };

  const least = columns.reduce((sum, column) => sum + column.width, 0);
  const entry = Math.min(Math.max(focused, first), Math.max(first, end - 1));
  return (
    <div ref={frame} className={fitted ? "table-frame fitted" : "table-frame"} onScroll={(event) => setTop(event.currentTarget.scrollTop)} onKeyDown={onKeyDown}>
      <div className="table-travel" style={{ height: fitted ? undefined : way.height + HEAD, minWidth: least }}>
        <div className="table-still" style={{ height: fitted ? undefined : Math.min(height, way.height + HEAD), minWidth: least }}>
          <table className="table" role="grid" aria-label={label} aria-rowcount={rows.total + 1}>
            <colgroup>{columns.map((column) => <col key={column.id} style={column.grow ? undefined : { width: column.width }} />)}</colgroup>
            <Head {...props} />
            <tbody ref={body} style={{ transform: fitted ? undefined : `translateY(${-gone}px)` }}>
              {Array.from({ length: Math.max(0, end - first) }, (_, place) => {
                const index = first + place;
                const row = rows.at(index);
                return (
                  <tr key={row === undefined ? `#${index}` : rowKey(row)} data-index={index} aria-rowindex={index + 2} tabIndex={index === entry ? 0 : -1} className={onOpen ? "opens" : ""}
                    onFocus={() => setFocused(index)} onClick={(event) => { if (onOpen && row !== undefined && !isControl(event.target) && !getSelection()?.toString()) onOpen(row); }}>
                    {columns.map((column) => <td key={column.id} className={column.right ? "right" : undefined}>{row === undefined ? <span className="bar-of" /> : column.cell(row)}</td>)}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </div>
    </div>
  );
}

const isControl = (target: EventTarget): boolean => target instanceof Element && target.closest("a,button,input,label,select") !== null;

function Head<Row>({ columns, sort = "", onSort }: Props<Row>) {
  const down = sort.startsWith("-");
  const name = sort.replace(/^-/, "");
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column) => {
          const sorted = column.order !== undefined && column.order === name;
          return (
            <th key={column.id} scope="col" className={column.right ? "right" : undefined} aria-sort={sorted ? (down ? "descending" : "ascending") : undefined}>
              {column.order !== undefined && onSort ? (
                <button type="button" onClick={() => onSort(sorted && !down ? `-${name}` : sorted ? "" : column.order ?? "")}>
                  <span className="clip">{column.title}</span>{sorted && <Icon name={down ? "down" : "up"} small />}
                </button>
              ) : column.title}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
