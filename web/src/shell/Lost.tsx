import { Link, useRouter } from "@tanstack/react-router";
import { told } from "../api/problem";
import { Button } from "../ui/Button";
import { Said } from "../ui/Said";
import { Page } from "./Page";

export function Lost() {
  return <Page title="Nothing here"><Said title="There is no such page" action={<Link to="/" className="button">Overview</Link>} /></Page>;
}

/** Where a page itself failed: a fault of ours, or a newer page on the server than the one that is open. */
export function Broken({ error }: { error: unknown }) {
  const router = useRouter();
  const old = error instanceof Error && /dynamically imported module|Importing a module script failed/.test(error.message);
  return (
    <Page title="This page failed">
      <Said icon="finding" title={old ? "The server has a newer version of this page" : "Something is wrong with this page"} action={<Button onClick={() => (old ? location.reload() : void router.invalidate())}>{old ? "Load it" : "Try again"}</Button>}>{old ? undefined : told(error)}</Said>
    </Page>
  );
}
