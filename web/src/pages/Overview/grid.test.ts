import { describe, expect, it } from "vitest";
import { grid } from "./grid";

const cell = (account: string, severity: string, count: number, rule = "r") => ({ provider: "aws", account, rule, severity, count });

describe("grid", () => {
  it("adds the rules of an account, and puts the worst account first", () => {
    const { rows, most } = grid([cell("1", "low", 40, "a"), cell("1", "low", 2, "b"), cell("2", "critical", 1)]);
    expect(rows.map((row) => row.account)).toEqual(["2", "1"]);
    expect(rows[1]?.counts).toEqual({ low: 42 });
    expect(most).toBe(42);
  });

  it("keeps accounts of one id of different providers apart", () => {
    expect(grid([cell("t", "low", 1), { ...cell("t", "low", 1), provider: "entra" }]).rows).toHaveLength(2);
  });

  it("is empty where nothing was found", () => expect(grid([])).toEqual({ rows: [], most: 1 }));
});
