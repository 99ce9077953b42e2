import type { Cell } from "../../api/estate";

export const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;
const WEIGHT: Readonly<Record<string, number>> = { critical: 1000, high: 100, medium: 10, low: 1 };

export interface Row { readonly provider: string; readonly account: string; readonly counts: Readonly<Record<string, number>> }

/** Cells as a table of accounts, the worst first, and the greatest count in it. */
export function grid(cells: readonly Cell[]): { rows: Row[]; most: number } {
  const found = new Map<string, { provider: string; account: string; counts: Record<string, number> }>();
  for (const cell of cells) {
    const key = `${cell.provider} ${cell.account}`;
    const row = found.get(key) ?? { provider: cell.provider, account: cell.account, counts: {} };
    row.counts[cell.severity] = (row.counts[cell.severity] ?? 0) + cell.count;
    found.set(key, row);
  }
  const weight = (row: Row): number => Object.entries(row.counts).reduce((sum, [severity, count]) => sum + (WEIGHT[severity] ?? 0) * count, 0);
  const rows = [...found.values()].sort((a, b) => weight(b) - weight(a) || a.account.localeCompare(b.account));
  return { rows, most: Math.max(1, ...rows.flatMap((row) => Object.values(row.counts))) };
}
