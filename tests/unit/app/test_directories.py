"""A cloud's snapshot and its directory's, laid together."""

from __future__ import annotations

import pyarrow as pa

from leastwise.app.directories import one_each


def identities(*rows: tuple[str, str, str, int]) -> pa.Table:
    names = ("provider", "id", "admin", "grants")
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})


def test_of_several_rows_of_one_principal_that_which_says_most_stays() -> None:
    found = one_each(
        identities(
            ("entra", "ann", "no", 0), ("entra", "ann", "yes", 1), ("entra", "ann", "conditional", 9),
            ("azure", "bob", "no", 1), ("azure", "bob", "no", 3),
            ("azure", "cid", "unknown", 0), ("azure", "cid", "no", 5),
        ),
        {"azure", "entra"},
    )  # fmt: skip
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("entra", "ann", "yes", 1), ("azure", "bob", "no", 3), ("azure", "cid", "unknown", 0)
    ]  # fmt: skip


def test_rows_of_other_providers_are_left_alone() -> None:
    rows = identities(("gcp", "ann", "no", 0), ("gcp", "ann", "yes", 0), ("azure", "ann", "no", 0))
    assert one_each(rows, {"azure", "entra"}).equals(rows)
    assert one_each(rows, set()).equals(rows)
    assert one_each(rows.slice(0, 0), {"azure"}).num_rows == 0
