import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { held, Table, type Column, type Rows } from "./Table";

interface Row { readonly id: string; readonly name: string }

const COLUMNS: readonly Column<Row>[] = [
  { id: "name", title: "Name", width: 200, grow: true, order: "name", cell: (row) => row.name },
  { id: "id", title: "Id", width: 100, cell: (row) => row.id },
];
const row = (index: number): Row => ({ id: `id-${index}`, name: `name ${index}` });
const many = (total: number, want?: Rows<Row>["want"]): Rows<Row> => ({ total, at: row, ...(want ? { want } : {}) });

beforeAll(() => { globalThis.ResizeObserver = class { observe() { /* nothing is laid out here */ } unobserve() { /* as above */ } disconnect() { /* as above */ } }; });

const frame = (): HTMLElement => {
  const found = screen.getByRole("grid").closest<HTMLElement>(".table-frame");
  if (!found) throw new Error("no frame");
  return found;
};

describe("Table", () => {
  it("has only the rows of its frame, and says how many there are", () => {
    render(<Table label="All" columns={COLUMNS} rows={many(1_000_000)} rowKey={(one) => one.id} />);
    expect(screen.getByRole("grid", { name: "All" })).toHaveAttribute("aria-rowcount", "1000001");
    expect(screen.getAllByRole("row").length).toBeLessThan(40);
    expect(screen.getAllByRole("row")[1]).toHaveAttribute("aria-rowindex", "2");
  });

  it("shows what the scrollbar stands at, and asks for it", () => {
    const want = vi.fn();
    render(<Table label="All" columns={COLUMNS} rows={many(1_000_000, want)} rowKey={(one) => one.id} />);
    fireEvent.scroll(frame(), { target: { scrollTop: 7_500_000 } });
    const first = screen.getAllByRole("row")[1];
    expect(Number(first?.getAttribute("aria-rowindex"))).toBeGreaterThan(490_000);
    expect(want.mock.lastCall?.[0]).toBe(Number(first?.getAttribute("data-index")));
  });

  it("shows a placeholder for a row that is not there yet", () => {
    render(<Table label="All" columns={COLUMNS} rows={{ total: 3, at: (index) => (index === 1 ? undefined : row(index)) }} rowKey={(one) => one.id} />);
    expect(screen.getByText("name 0")).toBeInTheDocument();
    expect(screen.queryByText("name 1")).not.toBeInTheDocument();
    expect(screen.getAllByRole("row")).toHaveLength(4);
  });

  it("is walked by keys, one row at a time in the tab order, and opened by Enter", async () => {
    const [user, opened] = [userEvent.setup(), vi.fn()];
    render(<Table label="All" columns={COLUMNS} rows={many(100)} rowKey={(one) => one.id} onOpen={opened} />);
    expect(screen.getAllByRole("row").filter((one) => one.tabIndex === 0)).toHaveLength(1);
    await user.tab();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
    expect(document.activeElement).toHaveAttribute("data-index", "1");
    await user.keyboard("{Enter}");
    expect(opened).toHaveBeenCalledExactlyOnceWith(row(1));
  });

  it("sorts up, down, and no more", async () => {
    const [user, sorted] = [userEvent.setup(), vi.fn()];
    const { rerender } = render(<Table label="All" columns={COLUMNS} rows={many(3)} rowKey={(one) => one.id} onSort={sorted} />);
    for (const sort of ["name", "-name", ""]) {
      await user.click(screen.getByRole("button", { name: "Name" }));
      expect(sorted).toHaveBeenLastCalledWith(sort);
      rerender(<Table label="All" columns={COLUMNS} rows={many(3)} rowKey={(one) => one.id} sort={sort} onSort={sorted} />);
      expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe(sort === "name" ? "ascending" : sort === "-name" ? "descending" : null);
    }
    expect(within(screen.getByRole("columnheader", { name: "Id" })).queryByRole("button")).not.toBeInTheDocument();
  });

  it("shows hostile names as the text they are", () => {
    const name = `<img src=x onerror="document.title='owned'">\u202e`;
    render(<Table fitted label="All" columns={COLUMNS} rows={held([{ id: "1", name }])} rowKey={(one) => one.id} />);
    expect(screen.getByText((text) => text.includes("onerror"))).toBeInTheDocument();
    expect(document.querySelector("img")).toBeNull();
  });
});
