import { describe, expect, it } from "vitest";
import { lines } from "./difference";

const side = (before: string, after: string, kind: "gone" | "came"): string => lines(before, after).filter((line) => line.kind === "same" || line.kind === kind).map((line) => line.text).join("\n");

describe("lines", () => {
  it("keeps what is equal and names what went and came", () => {
    expect(lines("a\nb\nc", "a\nx\nc")).toEqual([{ kind: "same", text: "a" }, { kind: "gone", text: "b" }, { kind: "came", text: "x" }, { kind: "same", text: "c" }]);
  });

  it.each([["", ""], ["a", ""], ["a\nb", "b\na"], ["a\na\na", "a"], ["x\ny\nz", "y\nz\nx\ny"], ["{\n  1\n}", "{\n  2\n  3\n}"]])("gives back both texts: %j and %j", (before, after) => {
    expect(side(before, after, "gone")).toBe(before);
    expect(side(before, after, "came")).toBe(after);
  });

  it("gives back both of very long texts too", () => {
    const [before, after] = [Array.from({ length: 3000 }, (_, n) => `a${n}`).join("\n"), Array.from({ length: 3000 }, (_, n) => `b${n}`).join("\n")];
    expect(side(before, after, "gone")).toBe(before);
    expect(side(before, after, "came")).toBe(after);
  });
});
