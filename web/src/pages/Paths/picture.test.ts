import { describe, expect, it } from "vitest";
import type { Hop, Path } from "../../api/types";
import { picture } from "./picture";

const hop = (from: string, to: string, rule = "r"): Hop => ({ from, from_name: "", to, to_name: "", provider: "aws", rule, title: rule, state: "ALLOWED", through: "", missing: "", needs: [], technique: "", checks: [], remediation: "" });
const path = (...ids: string[]): Path => ({ from: ids[0] ?? "", from_name: "", to: ids.at(-1) ?? "", to_name: "", state: "ALLOWED", providers: ["aws"], hops: ids.slice(1).map((to, index) => hop(ids[index] ?? "", to)) });

describe("picture", () => {
  it("draws each identity and each step once", () => {
    const found = picture([path("a", "b", "admin"), path("c", "b", "admin")]);
    expect(found.nodes.map((node) => node.id).sort()).toEqual(["a", "admin", "b", "c"]);
    expect(found.edges).toHaveLength(3);
  });

  it("puts goals at the right, and each step nearer to them", () => {
    const place = new Map(picture([path("a", "b", "c", "admin"), path("d", "admin")]).nodes.map((node) => [node.id, node.x]));
    const order = ["a", "b", "c", "admin"].map((id) => place.get(id) ?? Number.NaN);
    expect(order).toEqual([...order].sort((x, y) => x - y));
    expect(place.get("d")).toBe(place.get("c"));
  });

  it("ends on rings, and lays no two on one place", () => {
    const found = picture([path("a", "b", "a", "admin"), ...Array.from({ length: 300 }, (_, n) => path(`p${n}`, "b", "admin"))]);
    expect(new Set(found.nodes.map((node) => `${node.x} ${node.y}`)).size).toBe(found.nodes.length);
  });
});
