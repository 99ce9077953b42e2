import type { Path } from "../../api/types";

export interface Node { readonly id: string; readonly name: string; readonly kind: "start" | "between" | "goal"; readonly x: number; readonly y: number }
export interface Edge { readonly id: string; readonly from: string; readonly to: string; readonly title: string; readonly state: string }
export interface Picture { readonly nodes: readonly Node[]; readonly edges: readonly Edge[] }

const [ACROSS, DOWN] = [230, 46];
/** How many times as wide as high a picture is where it has room. */
const WIDE = 2.3;

/** Paths as one picture: goals at the right, each other node as many columns before them as its shortest way has steps. */
export function picture(paths: readonly Path[]): Picture {
  const names = new Map<string, string>();
  const edges = new Map<string, Edge>();
  const before = new Map<string, Set<string>>();
  const [starts, goals] = [new Set(paths.map((path) => path.from)), new Set(paths.map((path) => path.to))];
  for (const hop of paths.flatMap((path) => path.hops)) {
    if (hop.from_name || !names.has(hop.from)) names.set(hop.from, hop.from_name);
    if (hop.to_name || !names.has(hop.to)) names.set(hop.to, hop.to_name);
    const id = `${hop.from}\n${hop.to}\n${hop.rule}`;
    edges.set(id, { id, from: hop.from, to: hop.to, title: hop.title, state: hop.state });
    before.set(hop.to, (before.get(hop.to) ?? new Set()).add(hop.from));
  }
  const column = columns(goals, before, names.keys());
  const widest = Math.max(0, ...column.values());
  return { nodes: placed(names, column, widest, [...edges.values()], starts, goals), edges: [...edges.values()] };
}

/** Steps to the nearest goal, of every node. */
function columns(goals: ReadonlySet<string>, before: ReadonlyMap<string, ReadonlySet<string>>, all: Iterable<string>): Map<string, number> {
  const found = new Map<string, number>([...goals].map((goal) => [goal, 0]));
  let frontier = [...goals];
  for (let steps = 1; frontier.length > 0; steps++) {
    frontier = frontier.flatMap((node) => [...(before.get(node) ?? [])]).filter((node) => !found.has(node) && found.set(node, steps));
  }
  for (const node of all) if (!found.has(node)) found.set(node, 1);
  return found;
}

function placed(names: ReadonlyMap<string, string>, column: ReadonlyMap<string, number>, widest: number, edges: readonly Edge[], starts: ReadonlySet<string>, goals: ReadonlySet<string>): Node[] {
  const layers = new Map<number, string[]>();
  for (const id of names.keys()) {
    const layer = column.get(id) ?? 0;
    layers.set(layer, [...(layers.get(layer) ?? []), id]);
  }
  const after = new Map<string, string[]>();
  for (const edge of edges) after.set(edge.from, [...(after.get(edge.from) ?? []), edge.to]);
  const height = new Map<string, number>();
  const tallest = Math.max(1, ...[...layers.values()].map((layer) => layer.length));
  const across = Math.max(ACROSS, (tallest * DOWN * WIDE) / Math.max(1, widest));
  const nodes: Node[] = [];
  for (const layer of [...layers.keys()].sort((a, b) => a - b)) {
    // Beside those it leads to: fewer lines cross.
    const mean = (id: string): number => {
      const known = (after.get(id) ?? []).map((next) => height.get(next)).filter((one) => one !== undefined);
      return known.length > 0 ? known.reduce((sum, one) => sum + one, 0) / known.length : 0;
    };
    const ordered = (layers.get(layer) ?? []).map((id) => [id, mean(id)] as const).sort((a, b) => a[1] - b[1] || (names.get(a[0]) ?? "").localeCompare(names.get(b[0]) ?? ""));
    const gap = (tallest * DOWN) / ordered.length;
    ordered.forEach(([id], place) => {
      const y = gap * (place + 0.5);
      height.set(id, y);
      nodes.push({ id, name: names.get(id) ?? "", kind: goals.has(id) ? "goal" : starts.has(id) ? "start" : "between", x: (widest - layer) * across, y });
    });
  }
  return nodes;
}
