"""Records that stand with the resource: what would have been seen, account by account in which resources may lie."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.columns import arrow_schema
from leastwise.model.gap import Kept, Window
from leastwise.model.naming import Breadth, Naming
from leastwise.model.tables.usage import OBSERVABILITY
from leastwise.usage.keeping import Logs
from leastwise.usage.watching import Watch, Watching

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ACCOUNTS = ("a", "b", "c")
NAMES = ("read", "write", "never")
NAMING = Naming(lambda one: one, lambda _: Breadth.ONE, lambda _: "", lambda _: "", lambda _: ())


def places(resource: str) -> Sequence[str] | None:
    """`a/x` lies in a, `a+b` may lie in both, `*` anywhere, `d/x` in what is not read."""
    return None if resource == "*" else resource.partition("/")[0].split("+")


def watch(on: dict[tuple[str, str], bool], held: Sequence[str] = ACCOUNTS) -> Watch:
    rows = [("*", "never", "no", "never shown", "")]
    rows += [
        (who, name, "yes" if yes else "no", f"{name} is off in {who}", f"log-{who}") for (who, name), yes in on.items()
    ]
    schema = arrow_schema(OBSERVABILITY)
    columns: dict[str, list[object]] = {name: ["*"] * len(rows) for name in schema.names}
    for at, name in enumerate(("account", "permission", "observed", "reason", "log")):
        columns[name] = [row[at] for row in rows]
    columns["begin"], columns["end"] = [LONG_AGO] * len(rows), [datetime(9999, 1, 1, tzinfo=UTC)] * len(rows)
    table = pa.table(columns, schema=schema)
    logs = Logs([Kept(f"log-{who}", who, "*", LONG_AGO, NOW) for who in held])
    return Watching(NAMES, table, logs, WINDOW, NAMING, places).of("whoever")


ON = st.dictionaries(
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(("read", "write"))), st.booleans(), min_size=1
)
ASKED = st.lists(st.sampled_from(("a/1", "b/1", "c/1", "a+b", "b+c", "*", "d/1")), min_size=1, max_size=3)


@given(ON, ASKED)
def test_a_use_is_seen_where_each_account_that_may_hold_it_shows_it(
    on: dict[tuple[str, str], bool], asked: list[str]
) -> None:
    """Against the words of the rule: every account of every resource must have a row that says yes."""
    one, told = watch(on), {who for who, _ in on}
    for name in ("read", "write"):
        needed = {who for each in asked for who in (told if each == "*" else places(each) or ())}
        rule = one.rule(NAMES.index(name))
        assert (rule.unseen(asked) == "") is all(on.get((who, name), False) for who in needed)
        if rule.decided is False:
            assert all(rule.unseen([each]) for each in ("a/1", "b/1", "c/1", "*"))


def test_the_reason_names_the_account_and_how_many_more() -> None:
    one = watch({("a", "read"): True, ("b", "read"): False, ("c", "read"): False})
    rule = one.rule(0)
    assert rule.unseen(["a/1"]) == ""
    assert rule.unseen(["a/1", "b/1"]) == "read is off in b"
    assert rule.unseen(["*"]) == "read is off in b; likewise in 1 more accounts"
    assert rule.unseen([]) == rule.unseen(["*"])
    assert rule.unseen(["d/1"]) == "what the logs of account d record was not read"
    assert rule.decided is None


def test_what_no_log_shows_is_shown_nowhere() -> None:
    one = watch({("a", "read"): True})
    assert one.never(NAMES.index("never"))
    assert one.rule(NAMES.index("never")).unseen(["a/1"]) == "never shown"
    assert one.rule(NAMES.index("never")).decided is False


def test_an_account_of_which_the_log_is_not_held() -> None:
    one = watch({("a", "read"): True, ("b", "read"): True}, held=["a"])
    assert one.rule(0).unseen(["a/1"]) == ""
    assert "its log of this account was not taken in" in one.rule(0).unseen(["b/1"])


def test_no_account_at_all_shows_nothing() -> None:
    one = watch({})
    assert one.rule(0).decided is False
    assert one.rule(0).unseen(["a/1"]) == "what the logs of account a record was not read"
    assert one.rule(0).unseen(["*"]) == "no log is known that records it"
