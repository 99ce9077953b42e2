import { Link } from "@tanstack/react-router";
import { plain } from "../../shell/words";
import { Facts } from "../../ui/Card";

const isFinding = (value: unknown): value is { rule: string; key: string } => typeof value === "object" && value !== null && "rule" in value && "key" in value;

/** What a rule saw: names and values, as the rule has them. */
export function Evidence({ of }: { of: Readonly<Record<string, unknown>> }) {
  return <Facts of={Object.entries(of).map(([name, value]) => [plain(name), <Value key={name} of={value} />])} />;
}

function Value({ of }: { of: unknown }) {
  if (of === null || of === undefined) return <span className="muted">not known</span>;
  if (typeof of === "boolean") return <>{of ? "yes" : "no"}</>;
  if (typeof of === "string" || typeof of === "number") return <span className="wrap">{of}</span>;
  if (isFinding(of)) return <Link to="/findings/$id" params={{ id: of.key }}>{of.rule}</Link>;
  if (Array.isArray(of)) return of.length === 0 ? <span className="muted">none</span> : <ul className="stack-s">{of.map((one: unknown, index) => <li key={index}><Value of={one} /></li>)}</ul>;
  return <Facts of={Object.entries(of as Record<string, unknown>).map(([name, value]) => [plain(name), <Value key={name} of={value} />])} />;
}
