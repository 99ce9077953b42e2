import { useQuery } from "@tanstack/react-query";
import { Link, Navigate } from "@tanstack/react-router";
import { told } from "../../api/problem";
import { useId } from "../../shell/address";
import { Page } from "../../shell/Page";
import { placeOf, search } from "../../shell/Search";
import { Failed, Said, Waiting } from "../../ui/Said";
import { Tag } from "../../ui/Tag";

/** Finds out what an id, a name, a mail or an address is, and goes to its page. */
export default function Go() {
  const id = useId();
  const found = useQuery({ queryKey: ["search", id], queryFn: ({ signal }) => search(id, signal) });
  const hits = found.data?.items ?? [];
  const exact = hits.filter((hit) => hit.id === id || hit.name === id);
  const only = exact.length === 1 ? exact[0] : hits.length === 1 ? hits[0] : undefined;
  if (only) return <Navigate {...placeOf(only)} replace />;
  return (
    <Page title={id} above="What is this?">
      {found.isPending ? <Waiting /> : found.error ? <Failed message={told(found.error)} again={() => void found.refetch()} />
        : hits.length === 0 ? <Said title="Nothing in the estate has this id, name or address">It may lie in an account that was not read, or outside of the clouds that Leastwise knows.</Said>
          : <ul className="stack-s">{hits.map((hit) => <li key={hit.kind + hit.id} className="row"><Tag tone="outline">{hit.kind}</Tag><Link {...placeOf(hit)} className="wrap">{hit.name || hit.id}</Link><span className="muted">{hit.account}</span></li>)}</ul>}
    </Page>
  );
}
