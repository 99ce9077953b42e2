import type { Leaf } from "../../api/types";

/** The condition that is left: alternatives, each a conjunction. */
export function Residual({ of }: { of: readonly (readonly Leaf[])[] }) {
  if (of.length === 0) return null;
  return (
    <ul className="stack-s">
      {of.map((all, index) => (
        <li key={index} className="residual">
          {index > 0 && <span className="muted">or </span>}
          {all.map((leaf, place) => (
            <span key={place}>
              {place > 0 && <span className="muted"> and </span>}
              <code>{leaf.key}</code> <span className="muted">{leaf.negated ? "not " : ""}{leaf.operator}</span> <code>{leaf.values.join(", ")}</code>
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
