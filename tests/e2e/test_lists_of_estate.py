"""Lists that were written say what filtering and sorting the whole estate says: rows, order, counts, cursors."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leastwise.app.estate import OpenEstate, open_estate
from leastwise.app.inventory import list_rows, list_rows_of_all
from leastwise.app.listing import Filters, Listing, heatmap, keep, overview
from leastwise.app.listing import told as kept_of
from leastwise.app.listing.asked import EQUALS, VIEW_OF, schema_of
from leastwise.app.listing.counting import FACETS
from leastwise.app.listing.overview import NOBODY
from leastwise.app.wiring import Workspace
from leastwise.errors import NotFoundError, UsageError

OPTIONS = {
    "provider": ["aws", "gcp", "azure", "entra", "nobody"],
    "account": ["111111111111", "222222222222", "acme-prod", "elsewhere"],
    "kind": [("human",), ("workload", "group"), ("inline",), ("access_key", "password"), ("nothing",)],
    "tag": [("team",), ("team=payments",), ("Team", "environment=prod"), ("absent",)],
    "text": [
        "a",
        "AD",
        "role/",
        "@",
        "petra",
        "\N{LATIN SMALL LETTER LONG S}",
        "\N{KELVIN SIGN}",
        "prod",
        "no such text",
        "%",
        "payments-api",
    ],
    "owner": ["*", "team-*", "?ayments", "security"],
    "admin": ["yes", "no", "limited", "maybe"],
    "mfa": [True, False],
    "external": [True, False],
    "unused_days": [0, 90, 36500],
    "used_days": [0, 30, 36500],
    "public": ["yes", "no"],
    "active": [True, False],
    "status": ["granted", "expired"],
}


@pytest.fixture(scope="module")
def estate(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenEstate:
    home = tmp_path_factory.mktemp("listed") / "home"
    shutil.copytree(demo_home, home)
    return open_estate(Workspace(home))


@pytest.fixture(scope="module")
def listing(estate: OpenEstate) -> Listing:
    return Listing.open(estate)


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, Filters, str | None, int | None]:
    what = draw(st.sampled_from(sorted(VIEW_OF)))
    names = draw(st.lists(st.sampled_from(sorted(OPTIONS)), max_size=3, unique=True))
    filters = Filters(**{name: draw(st.sampled_from(OPTIONS[name])) for name in names})
    columns = [None, "id", "name", "principal", "policy", "admin", "owner", "created", "last_used", "principal_name"]
    column = draw(st.sampled_from([*columns, "policy_name", "mfa", "kind", "external_trusted", "grants", "source"]))
    sign = draw(st.sampled_from(["", "-"])) if column else ""
    return what, filters, f"{sign}{column}" if column else None, draw(st.sampled_from([None, 1, 7, 50]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(questions())
def test_pages_are_those_of_the_whole_estate(
    estate: OpenEstate, listing: Listing, asked: tuple[str, Filters, str | None, int | None]
) -> None:
    what, filters, sort, limit = asked
    try:
        expected = list_rows_of_all(open_estate(estate.workspace), what, filters, sort, limit)
    except UsageError as error:
        with pytest.raises(UsageError) as refused:
            listing.page(what, filters, sort, limit=limit)
        assert str(refused.value) == str(error)
        return
    assert listing.page(what, filters, sort, limit=limit) == expected
    if expected.next:
        second = list_rows_of_all(open_estate(estate.workspace), what, filters, sort, limit, expected.next)
        assert listing.page(what, filters, sort, limit=limit, cursor=expected.next) == second
    everything = [row for part in listing.each(what, filters, sort) for row in part]
    assert len(everything) == expected.total and everything[: len(expected.items)] == expected.items


@pytest.mark.parametrize("what", VIEW_OF)
def test_the_rows_of_every_order_are_those_of_the_whole_estate(estate: OpenEstate, listing: Listing, what: str) -> None:
    nested = [field.name for field in schema_of(estate, what) if field.type.num_fields]
    orders = [None, *(field.name for field in schema_of(estate, what) if field.name not in nested)]
    for sort in orders[:: 2 if what == "identities" else 5]:
        whole = list_rows_of_all(estate, what, Filters(), sort)
        assert listing.page(what, Filters(), sort).items == whole.items, sort
        # The other way round only the values of the column are: rows of one value stay as they are, and nulls last.
        if sort:
            down = list_rows_of_all(estate, what, Filters(), f"-{sort}")
            assert listing.page(what, Filters(), f"-{sort}").items == down.items, sort


@pytest.mark.parametrize("what", VIEW_OF)
@pytest.mark.parametrize("filters", [Filters(), Filters(provider="aws"), Filters(text="prod")])
def test_counts_are_those_of_the_rows(listing: Listing, what: str, filters: Filters) -> None:
    rows = listing.page(what, filters).items
    for column, facets in listing.facets(what, filters, most=10_000).items():
        assert {one.value: one.count for one in facets} == Counter(row[column] for row in rows), column
    assert set(listing.facets(what, filters)) == set(FACETS[what])


def test_several_values_of_a_column_are_one_or_the_other(listing: Listing) -> None:
    every = listing.page("identities").items
    for values, keeps in (
        (
            {"kind": ["human", "group"], "mfa": [False, None]},
            lambda row: row["kind"] in ("human", "group") and not row["mfa"],
        ),
        ({"mfa": ["null", "true"]}, lambda row: row["mfa"] is not False),
        ({"grants": [0, "3"]}, lambda row: row["grants"] in (0, 3)),
        ({"owner": [None]}, lambda row: row["owner"] is None),
        ({"kind": []}, lambda row: False),
    ):
        page = listing.page("identities", values=values, sort="name", limit=5)
        assert page.total == sum(map(keeps, every))
        shown = page.items
        while page.next:
            page = listing.page("identities", values=values, sort="name", limit=5, cursor=page.next)
            shown += page.items
        assert shown == [row for row in listing.page("identities", sort="name").items if keeps(row)]
    for wrong in ({"tags": ["x"]}, {"nothing": ["x"]}, {"mfa": ["perhaps"]}, {"created": ["yesterday"]}):
        with pytest.raises(UsageError):
            listing.page("identities", values=wrong)


def test_who_may_see_some_accounts_sees_their_rows_and_no_others(listing: Listing) -> None:
    every = listing.page("grants").items
    places = sorted({(row["provider"], row["account"]) for row in every})
    for sight in (frozenset(places[:2]), frozenset(places[1::3]), frozenset({("aws", "no such account")})):
        mine = [row for row in every if (row["provider"], row["account"]) in sight]
        assert listing.page("grants", sight=sight).items == mine
        counted = listing.facets("grants", columns=["account"], sight=sight)["account"]
        assert sum(one.count for one in counted) == len(mine)
        assert [row for part in listing.each("grants", sight=sight) for row in part] == mine
    # The cursor of one who sees less is none of one who sees all.
    part = listing.page("grants", limit=1, sight=frozenset(places[:2]))
    with pytest.raises(UsageError):
        listing.page("grants", limit=1, cursor=part.next)


def test_one_row_and_the_rows_that_belong_to_it(listing: Listing) -> None:
    every = listing.page("identities").items
    row = next(one for one in every if one["grants"] and one["provider"] == "aws")
    assert listing.one("identities", row["id"]) == row
    granted = [one for one in listing.page("grants").items if one["principal"] == row["id"]]
    assert listing.having("grants", "principal", row["id"]) == granted != []
    for id, sight in (("no such id", None), (row["id"], frozenset({("aws", "no such account")}))):
        with pytest.raises(NotFoundError):
            listing.one("identities", id, sight)
    named = listing.page("identities", fields=["name", "id"], limit=1).items
    assert named == [{"id": every[0]["id"], "name": every[0]["name"]}]
    with pytest.raises(UsageError, match="no field nothing"):
        listing.page("identities", fields=["nothing"])


def test_a_text_finds_the_nearest_first(listing: Listing) -> None:
    row = listing.page("identities", Filters(kind=("human",))).items[0]
    for text in (row["id"], row["name"].upper()):
        hits, count = listing.search(text)["identities"]
        assert count >= 1 and text.lower() in (hits[0].id.lower(), hits[0].name.lower())
    hits, count = listing.search("a", most=3)["identities"]
    assert len(hits) == 3 and count > 100
    assert listing.search("a", frozenset())["identities"] == ([], 0)


def test_every_filter_of_the_commands_is_one_of_lists() -> None:
    assert set(OPTIONS) | {"id"} == set(Filters.__slots__) and set(EQUALS) < set(Filters.__slots__)


def test_the_overview_counts_what_the_lists_hold(listing: Listing) -> None:
    rows, resources = listing.page("identities").items, listing.page("resources").items
    told = overview(listing)
    assert told["totals"] == {what: listing.page(what, limit=1).total for what in VIEW_OF}
    of = told["identities"]
    assert of["by_kind"] == Counter(row["kind"] for row in rows)
    pairs = {(one["provider"], one["kind"]): one["count"] for one in of["by_kind_and_provider"]}
    assert pairs == Counter((row["provider"], row["kind"]) for row in rows)
    assert of["people"] + of["machines"] == sum(row["kind"] not in NOBODY for row in rows)
    assert of["persons"] < of["people"]
    privileged = [row for row in rows if row["admin"] in ("yes", "conditional") or row["privileged"]]
    assert of["privileged"]["total"] == len(privileged) == sum(of["privileged"]["by_provider"].values()) > 0
    assert sum(cell["resources"] for cell in told["heatmap"]) == len(resources) == told["resources"]["total"]
    s3 = [row for row in resources if row["kind"].startswith("s3:") and row["provider"] == "aws"]
    cells = {(one["provider"], one["service"]): one for one in heatmap(listing, by=("provider",))["items"]}
    assert cells["aws", "s3"]["resources"] == len(s3) > 0
    assert cells["aws", "s3"]["public"] == sum(row["public"] in ("yes", "conditional") for row in s3)
    assert told["coverage"] == listing.estate.coverage() and told["coverage"]["unreadable"]


def test_an_overview_of_some_accounts_tells_nothing_of_the_others(listing: Listing) -> None:
    account = listing.page("resources", Filters(provider="aws"), limit=1).items[0]["account"]
    sight = frozenset({("aws", account)})
    assert sight < listing.places
    told = overview(listing, sight)
    rows = [row for row in listing.page("identities").items if (row["provider"], row["account"]) in sight]
    assert told["identities"]["total"] == len(rows) and told["totals"]["identities"] == len(rows)
    assert {one["account"] for one in told["accounts"]} == {account} == {one["account"] for one in told["heatmap"]}
    (manifest,) = [one for one in listing.estate.estate.manifests if one.scope.id == account]
    assert told["estate"]["snapshots"] == [manifest.id] and told["estate"]["stale"] == []
    assert told["coverage"]["scopes"] == 1 and told["coverage"]["unreadable"] == []
    page = listing.page("grants", sight=sight, limit=1)
    assert page.header["snapshots"] == [manifest.id] and page.coverage == told["coverage"]


def test_what_was_not_worked_out_yet_is_no_zero(listing: Listing) -> None:
    assert kept_of(listing, "creep") == {"state": "not worked out yet", "value": None}
    keep(listing, "creep", {"median": 12})
    assert kept_of(listing, "creep") == {"state": "worked out", "value": {"median": 12}}
    assert kept_of(listing, "findings")["value"] is None


def test_lists_are_those_of_the_estate_in_force_and_are_mended(estate: OpenEstate, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(estate.workspace.home.path, home)
    shutil.rmtree(home / "lists", ignore_errors=True)
    first = Listing.open(open_estate(Workspace(home)))
    assert not first.ready("requests")
    before = first.page("requests")
    assert first.ready("requests") and not first.ready("grants")
    # As the command prints them: it opens what was written.
    assert list_rows(open_estate(Workspace(home)), "requests", Filters()) == before
    path = next((home / "lists").rglob("requests/0.lwa"))
    path.write_bytes(path.read_bytes()[:-1])
    damaged = Listing.open(open_estate(Workspace(home)))
    assert not damaged.ready("requests")
    assert damaged.page("requests") == before and damaged.ready("requests")
    said = (home / "estate.yaml").read_text()
    (home / "estate.yaml").write_text(said.replace("break_glass:", "break_glass:\n  - everybody", 1))
    assert (home / "estate.yaml").read_text() != said
    other = Listing.open(open_estate(Workspace(home)))
    assert other.key != first.key and not other.ready("requests")
