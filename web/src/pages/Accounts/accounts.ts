import type { CoverageRow } from "../../api/types";

export interface Account { readonly provider: string; readonly account: string; readonly kind: string; readonly calls: number; readonly ok: number; readonly gaps: number }

/** One row an account, those with gaps first. */
export function accounts(rows: readonly CoverageRow[]): Account[] {
  const found = new Map<string, Account>();
  for (const row of rows) {
    const key = `${row.provider} ${row.account}`;
    const now = found.get(key) ?? { provider: row.provider, account: row.account, kind: row.kind, calls: 0, ok: 0, gaps: 0 };
    const ok = row.status === "ok" && !row.stale;
    found.set(key, { ...now, calls: now.calls + 1, ok: now.ok + (ok ? 1 : 0), gaps: now.gaps + (ok ? 0 : 1) });
  }
  return [...found.values()].sort((a, b) => b.gaps - a.gaps || a.provider.localeCompare(b.provider) || a.account.localeCompare(b.account));
}
