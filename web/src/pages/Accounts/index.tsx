import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "../../api/client";
import { estate as asked } from "../../api/estate";
import type { CoverageRow, Listed } from "../../api/types";
import { useAddress } from "../../shell/address";
import { Answered } from "../../shell/Answered";
import { Page } from "../../shell/Page";
import { plain, provider } from "../../shell/words";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Card";
import { Icon } from "../../ui/icons";
import { many, minute, whole } from "../../ui/numbers";
import { Said } from "../../ui/Said";
import { held, Table, type Column } from "../../ui/Table";
import { Tabs } from "../../ui/Tabs";
import { Tag, type Tone } from "../../ui/Tag";
import { accounts, type Account } from "./accounts";
import { External } from "./External";
import { Snapshots } from "./Snapshots";

export const STATUS: Record<string, Tone> = { ok: "good", denied: "critical", failed: "critical", throttled: "medium", unsupported: "unknown", unlicensed: "medium", not_tried: "medium" };

const ACCOUNTS: readonly Column<Account>[] = [
  { id: "account", title: "Account", width: 260, grow: true, cell: (row) => <span className="strong" title={row.account}>{row.account}</span> },
  { id: "provider", title: "Provider", width: 130, cell: (row) => provider(row.provider) },
  { id: "kind", title: "Kind", width: 130, cell: (row) => plain(row.kind) },
  { id: "read", title: "Read", width: 110, right: true, cell: (row) => `${whole(row.ok)} of ${whole(row.calls)}` },
  { id: "state", title: "State", width: 220, cell: (row) => (row.gaps === 0 ? <Tag tone="good" icon="check">all was read</Tag> : row.ok === 0 ? <Tag tone="critical" icon="deny">not readable</Tag> : <Tag tone="unknown" icon="unknown">{many(row.gaps, "gap")}</Tag>) },
];

const CALLS: readonly Column<CoverageRow>[] = [
  { id: "call", title: "What", width: 260, grow: true, cell: (row) => <span title={row.call}><span className="strong">{row.service}</span> <span className="muted">{row.call}</span></span> },
  { id: "account", title: "Account", width: 160, cell: (row) => <span title={row.account}>{row.account}</span> },
  { id: "status", title: "Status", width: 120, cell: (row) => <Tag tone={STATUS[row.status] ?? "plain"}>{plain(row.status)}</Tag> },
  { id: "affects", title: "What cannot be known because of it", width: 320, grow: true, cell: (row) => <span title={row.affects || row.detail}>{row.affects || row.detail}</span> },
];

const TABS = [{ id: "coverage", title: "What was read" }, { id: "external", title: "From outside" }, { id: "snapshots", title: "Snapshots" }];

/** What was collected when, what could not be seen, who comes in from elsewhere. */
export default function Accounts() {
  const [address, set] = useAddress();
  const estate = useQuery(asked()).data?.estate;
  const tab = address.tab ?? "coverage";
  return (
    <Page title="Accounts and coverage" under={estate && <span>As of {minute(estate.time)}; the oldest part is of {minute(estate.oldest)}</span>}>
      <Tabs label="Parts" tabs={TABS} chosen={tab} onChoose={(next) => set({ tab: next === "coverage" ? undefined : next })}>
        {tab === "external" ? <External /> : tab === "snapshots" ? <Snapshots /> : <Coverage />}
      </Tabs>
    </Page>
  );
}

function Coverage() {
  const [address, set] = useAddress();
  const found = useQuery({ queryKey: ["coverage", "whole"], queryFn: ({ signal }) => ask<Listed<CoverageRow>>("coverage", { query: { limit: 1000 }, signal }), staleTime: 60_000 });
  const rows = useMemo(() => accounts(found.data?.items ?? []), [found.data]);
  return (
    <Answered of={found} lines={8}>
      {(answer) => {
        const calls = answer.items.filter((row) => (address.account ? row.account === address.account : row.status !== "ok"));
        return (
          <>
            <Card flush title={many(rows.length, "account")}><Table fitted label="Accounts" columns={ACCOUNTS} rows={held(rows)} rowKey={(row) => row.provider + row.account} onOpen={(row) => set({ account: row.account })} /></Card>
            <Card title={address.account ? `What was read of ${address.account}` : "What could not be read"} aside={address.account && <Button look="plain" icon="close" onClick={() => set({ account: undefined })}>All gaps</Button>}>
              {calls.length === 0 ? <None of={address.account} asked={answer.items.some((row) => row.account === address.account)} whole={answer.total <= answer.items.length} /> : <div className={calls.length > 15 ? "tall" : ""}><Table fitted={calls.length <= 15} label="Calls" columns={CALLS} rows={held(calls)} rowKey={(row) => `${row.provider} ${row.account} ${row.service} ${row.call} ${row.status} ${row.detail}`} /></div>}
            </Card>
            {answer.total > answer.items.length && <p className="row muted"><Icon name="unknown" small />{`Counted here are the first ${whole(answer.items.length)} of ${whole(answer.total)} records: accounts may have more gaps, and there may be more accounts.`}</p>}
            <p className="row muted"><Icon name="unknown" small />What was not read makes answers unknown. It never makes them “no”.</p>
          </>
        );
      }}
    </Answered>
  );
}

/** What it means that no call is listed: nothing was asked, or all is not here, or all was read. */
function None({ of, asked, whole: all }: { of: string | undefined; asked: boolean; whole: boolean }) {
  if (!all) return <Said icon="unknown" title="None among these records" />;
  return of && !asked ? <Said icon="unknown" title="Nothing was asked of it">What it holds is not known.</Said> : <Said icon="check" title="Everything that was asked for was read" />;
}
