import { describe, expect, it } from "vitest";
import { cursorAt, sum } from "./lists";

const cursor = (list: string, position: number): string => btoa(JSON.stringify([list, position])).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

describe("cursors", () => {
  it("names another position of the same list", () => expect(JSON.parse(atob(cursorAt(cursor("3ebfc6e02743d09", 100), 999_900) ?? ""))).toEqual(["3ebfc6e02743d09", 999_900]));
  it("makes none of what is none", () => expect([cursorAt("", 100), cursorAt("%%%", 100)]).toEqual([undefined, undefined]));
});

describe("sums of counts", () => {
  const counts = [{ value: "yes", count: 3 }, { value: null, count: 4 }, { value: true, count: 5 }];
  it("adds those that are named, all where none is", () => expect([sum(counts, "yes"), sum(counts, null), sum(counts, "no"), sum(counts)]).toEqual([3, 4, 0, 12]));
  it("knows nothing of counts that are not there", () => expect(sum(undefined, "yes")).toBeUndefined());
});
