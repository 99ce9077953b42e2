import { useAddress } from "../../shell/address";
import { Page } from "../../shell/Page";
import { Tabs } from "../../ui/Tabs";
import { Chokes } from "./Chokes";
import { Privileged } from "./Privileged";
import { Ways } from "./Ways";
import "./paths.css";

const TABS = [{ id: "ways", title: "Paths" }, { id: "choke", title: "Where they meet" }, { id: "privileged", title: "Who is or can become an administrator" }];

/** How somebody could become somebody stronger, and what would stop it. */
export default function Paths() {
  const [address, set] = useAddress();
  const tab = address.tab ?? "ways";
  return (
    <Page title="Paths" under="How one identity could become another, step by step, and what would stop it.">
      <Tabs label="Views of the graph" tabs={TABS} chosen={tab} onChoose={(next) => set({ tab: next === "ways" ? undefined : next })}>
        {tab === "choke" ? <Chokes /> : tab === "privileged" ? <Privileged /> : <Ways />}
      </Tabs>
    </Page>
  );
}
