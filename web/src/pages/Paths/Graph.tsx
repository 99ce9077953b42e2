import cytoscape, { type Core, type StylesheetJson } from "cytoscape";
import { useEffect, useRef } from "react";
import type { Path } from "../../api/types";
import { Button } from "../../ui/Button";
import { tail } from "../../ui/numbers";
import { tokenColour } from "../../ui/tokens";
import type { Picture } from "./picture";

function look(): StylesheetJson {
  const colour = tokenColour;
  return [
    { selector: "node", style: { label: "data(label)", color: colour("ink"), "font-size": 11, "min-zoomed-font-size": 6, "font-family": "Inter, system-ui, sans-serif", "text-valign": "bottom", "text-margin-y": 4, "text-max-width": "190px", "text-wrap": "ellipsis", "background-color": colour("surface"), "border-width": 2, "border-color": colour("ink-3"), width: 16, height: 16 } },
    { selector: "node[kind='start']", style: { "border-color": colour("accent"), "background-color": colour("accent-soft") } },
    { selector: "node[kind='goal']", style: { "border-color": colour("critical"), "background-color": colour("critical-soft"), shape: "diamond", width: 20, height: 20 } },
    { selector: "edge", style: { width: 1.4, "line-color": colour("line-strong"), "target-arrow-color": colour("line-strong"), "target-arrow-shape": "triangle", "arrow-scale": 0.8, "curve-style": "bezier" } },
    { selector: "edge[state='CONDITIONAL']", style: { "line-style": "dashed" } },
    { selector: "edge[state='UNKNOWN']", style: { "line-style": "dotted" } },
    { selector: ".dim", style: { opacity: 0.16 } },
    { selector: "edge.lit", style: { width: 2.6, "line-color": colour("accent"), "target-arrow-color": colour("accent"), label: "data(label)", color: colour("ink-2"), "font-size": 10, "text-background-color": colour("surface"), "text-background-opacity": 0.9, "text-background-padding": "2px", "z-index": 9 } },
    { selector: "node.lit", style: { "border-width": 3, "font-weight": 600, "z-index": 9 } },
  ] as StylesheetJson;
}

interface Props { readonly of: Picture; readonly chosen: Path | undefined; readonly onNode: (id: string) => void }

/** The picture of paths; the list beside it says the same in words. */
export default function Graph({ of, chosen, onNode }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const core = useRef<Core>(null);
  const told = useRef(onNode);
  useEffect(() => { told.current = onNode; }, [onNode]);
  useEffect(() => {
    if (!place.current) return;
    const graph = cytoscape({
      container: place.current,
      elements: [
        ...of.nodes.map((node) => ({ data: { id: node.id, label: node.name || tail(node.id), kind: node.kind }, position: { x: node.x, y: node.y } })),
        ...of.edges.map((edge) => ({ data: { id: edge.id, source: edge.from, target: edge.to, label: edge.title, state: edge.state } })),
      ],
      layout: { name: "preset", padding: 40 },
      style: look(),
      minZoom: 0.1, maxZoom: 3,
      pixelRatio: of.edges.length > 800 ? 1 : "auto",
      textureOnViewport: of.edges.length > 800, hideEdgesOnViewport: of.edges.length > 1500,
      autoungrabify: true, boxSelectionEnabled: false,
    });
    graph.on("tap", "node", (event) => told.current((event.target as { id(): string }).id()));
    graph.fit(undefined, 36);
    core.current = graph;
    const dress = (): void => { graph.style(look()); };
    addEventListener("leastwise.theme", dress);
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", dress);
    const resized = new ResizeObserver(() => { graph.resize(); graph.fit(undefined, 36); });
    resized.observe(place.current);
    return () => { removeEventListener("leastwise.theme", dress); system.removeEventListener("change", dress); resized.disconnect(); graph.destroy(); };
  }, [of]);
  useEffect(() => {
    const graph = core.current;
    if (!graph) return;
    graph.batch(() => {
      graph.elements().removeClass("dim lit");
      if (!chosen) return;
      graph.elements().addClass("dim");
      for (const hop of chosen.hops) {
        for (const id of [hop.from, hop.to, `${hop.from}\n${hop.to}\n${hop.rule}`]) graph.getElementById(id).removeClass("dim").addClass("lit");
      }
    });
    graph.fit(chosen ? graph.elements(".lit") : undefined, chosen ? 90 : 36);
  }, [chosen, of]);
  return (
    <div className="graph">
      <div ref={place} className="graph-canvas" role="img" aria-label={`A picture of ${of.nodes.length} identities and goals with ${of.edges.length} steps; the list of paths says the same in words.`} />
      <div className="graph-tools">
        <Button icon="plus" aria-label="Nearer" onClick={() => core.current?.zoom({ level: core.current.zoom() * 1.3, renderedPosition: middle(place.current) })} />
        <Button icon="overview" aria-label="Fit" onClick={() => core.current?.fit(undefined, 36)} />
      </div>
    </div>
  );
}

const middle = (element: HTMLElement | null): { x: number; y: number } => ({ x: (element?.clientWidth ?? 0) / 2, y: (element?.clientHeight ?? 0) / 2 });
