import { useState } from "react";
import { Button } from "./Button";
import { lines } from "./difference";
import { toast } from "./Toasts";

export function Copy({ text, label = "Copy" }: { text: string; label?: string }) {
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(() => toast("Copied"), () => toast("The browser did not let us copy", "finding"));
  };
  return <Button look="plain" icon="copy" aria-label={label} onClick={copy} />;
}

export function Code({ children, label }: { children: string; label: string }) {
  return <pre className="code" tabIndex={0} aria-label={label}>{children}</pre>;
}

/** Two texts, line by line; what is equal can be folded away. */
export function Difference({ before, after, label }: { before: string; after: string; label: string }) {
  const [whole, setWhole] = useState(false);
  const all = lines(before, after);
  const near = all.map((_, index) => all.slice(Math.max(0, index - 3), index + 4).some((line) => line.kind !== "same"));
  const shown = whole ? all : all.filter((_, index) => near[index]);
  return (
    <div className="stack-s">
      <div className="diff" tabIndex={0} role="region" aria-label={label}>
        {shown.map((line, index) => (
          <div key={index} className={line.kind}>
            <span aria-label={line.kind === "gone" ? "removed" : line.kind === "came" ? "added" : undefined}>{line.kind === "gone" ? "−" : line.kind === "came" ? "+" : " "}</span>
            <span>{line.text}</span>
          </div>
        ))}
      </div>
      {shown.length < all.length && <div><Button look="plain" onClick={() => setWhole(true)}>{`Show all ${all.length} lines`}</Button></div>}
    </div>
  );
}
