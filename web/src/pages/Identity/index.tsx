import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { identity, type IdentityAnswer } from "../../api/identity";
import { Problem } from "../../api/problem";
import { useAddress, useId } from "../../shell/address";
import { Answered } from "../../shell/Answered";
import { Page } from "../../shell/Page";
import { Admin, kindIcon, plain, provider } from "../../shell/words";
import { Copy } from "../../ui/Code";
import { Icon } from "../../ui/icons";
import { Said, Waiting } from "../../ui/Said";
import { Tabs } from "../../ui/Tabs";
import { Tag } from "../../ui/Tag";
import { About } from "./About";

const Access = lazy(() => import("./Access"));
const Use = lazy(() => import("./Use"));
const Ways = lazy(() => import("./Ways"));
const Past = lazy(() => import("./Past"));
const Smallest = lazy(() => import("./Smallest"));

/** Everything about one identity: what it is, can, does, could become, was, and should be. */
export default function IdentityPage() {
  const id = useId();
  const found = useQuery(identity(id));
  if (found.error instanceof Problem && found.error.status === 404) {
    return <Page title={id}><Said title="There is no such identity in the estate" action={<Link className="button" to="/go/$id" params={{ id }}>Search for it</Link>}>It may lie in an account that was not read, or out of your sight.</Said></Page>;
  }
  const row = found.data?.identity;
  return (
    <Page title={row?.name ?? id} above={<><Link to="/identities">Identities</Link><Icon name="right" small /><span>{row ? `${plain(row.kind)} in ${provider(row.provider)}` : ""}</span></>}
      under={<><code className="wrap">{id}</code><Copy text={id} label="Copy the id" />{row && <Marks of={found.data as IdentityAnswer} />}</>}
      actions={<Link className="button" to="/ask" search={{ kind: "can", principal: id }}><Icon name="ask" />Ask about it</Link>}>
      <Answered of={found}>{(answer) => <Parts of={answer} />}</Answered>
    </Page>
  );
}

function Marks({ of: { identity: row } }: { of: IdentityAnswer }) {
  return (
    <>
      {row.admin !== "no" && <Admin of={row.admin} />}
      {row.leaver && <Tag tone="high">its person has left</Tag>}
      {row.external && <Tag tone="outline" icon="out">reachable from outside</Tag>}
      {row.enabled === false && <Tag tone="plain">disabled</Tag>}
      <Tag tone="outline" icon={kindIcon(row.kind)}>{row.owner ? `owner ${row.owner}` : "nobody owns it"}</Tag>
    </>
  );
}

function Parts({ of }: { of: IdentityAnswer }) {
  const [address, set] = useAddress();
  const tab = address.tab ?? "about";
  const tabs = [
    { id: "about", title: "About" },
    { id: "access", title: "Can do" },
    { id: "use", title: "Does and never did" },
    { id: "paths", title: "Could become" },
    { id: "history", title: "History" },
    { id: "smaller", title: "Smaller grant" },
  ];
  const { id } = of.identity;
  return (
    <Tabs label="Parts of this identity" tabs={tabs} chosen={tab} onChoose={(next) => set({ tab: next === "about" ? undefined : next })}>
      <Suspense fallback={<Waiting />}>
        {tab === "access" ? <Access id={id} /> : tab === "use" ? <Use id={id} services={of.services} /> : tab === "paths" ? <Ways id={id} /> : tab === "history" ? <Past id={id} /> : tab === "smaller" ? <Smallest id={id} /> : <About of={of} />}
      </Suspense>
    </Tabs>
  );
}
