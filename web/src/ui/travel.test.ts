import { describe, expect, it } from "vitest";
import { LONGEST, travel } from "./travel";

const ROW = 34;

describe("travel", () => {
  it.each([0, 1, 10, 377, 20_000, 441_176, 1_000_000, 50_000_000])("stays below what browsers can lay out, and reaches both ends, with %i rows", (count) => {
    const way = travel(count, ROW, 600);
    expect(way.height).toBeLessThanOrEqual(Math.max(LONGEST, 600));
    expect(way.at(0)).toEqual({ first: 0, gone: 0 });
    const end = way.at(way.height - 600);
    expect((end.first * ROW + end.gone + 600).toFixed(0)).toBe(Math.max(600, count * ROW).toFixed(0));
  });

  it.each([[377, 5], [1_000_000, 0], [1_000_000, 1], [1_000_000, 499_999], [1_000_000, 999_900]])("of %i rows brings row %i to the top", (count, row) => {
    const way = travel(count, ROW, 600);
    const found = way.at(way.to(row));
    expect(Math.abs(found.first * ROW + found.gone - row * ROW)).toBeLessThan(0.01);
  });

  it("moves exactly with the scrollbar where the rows fit", () => {
    expect(travel(1000, ROW, 600).at(340)).toEqual({ first: 10, gone: 0 });
  });

  it("does not leave the list on a scroll beyond its end", () => {
    const way = travel(1_000_000, ROW, 600);
    expect(way.at(1e12)).toEqual(way.at(way.height - 600));
    expect(way.at(-50).first).toBe(0);
  });
});
