export interface Line { readonly kind: "same" | "gone" | "came"; readonly text: string }

const MOST = 4_000_000;

/** The lines of two texts with what went and what came (longest common subsequence; of very long texts, as blocks). */
export function lines(before: string, after: string): Line[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let end = 0;
  while (end < a.length - head && end < b.length - head && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middle = between(a.slice(head, a.length - end), b.slice(head, b.length - end));
  const same = (text: string): Line => ({ kind: "same", text });
  return [...a.slice(0, head).map(same), ...middle, ...a.slice(a.length - end).map(same)];
}

function between(a: readonly string[], b: readonly string[]): Line[] {
  if (a.length * b.length > MOST) return [...a.map((text): Line => ({ kind: "gone", text })), ...b.map((text): Line => ({ kind: "came", text }))];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const found: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [gone, came] = [a[i], b[j]];
    if (gone !== undefined && gone === came) { found.push({ kind: "same", text: gone }); i++; j++; }
    else if (gone !== undefined && (came === undefined || at(i + 1, j) >= at(i, j + 1))) { found.push({ kind: "gone", text: gone }); i++; }
    else { found.push({ kind: "came", text: came ?? "" }); j++; }
  }
  return found;
}
