"""Whom Azure's logs mean by addresses, applications and callers, as tables of Azure and of its directory tell."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from azure_support import ANN, BOB, CORP

from leastwise.model.aliases import Meant
from leastwise.providers.azure import PROVIDER
from leastwise.providers.azure.observing import aliases as of_scopes
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER as ENTRA
from leastwise.providers.logs.aliases import NamedAliases

APP, OTHER_APP = "c11e0000-0000-4000-8000-000000000001", "c11e0000-0000-4000-8000-000000000002"
DEPLOY, ROBOT = "0b000000-0000-4000-8000-000000000031", "0b000000-0000-4000-8000-000000000041"
GUEST, STRANGER = "0b000000-0000-4000-8000-000000000005", "0b000000-0000-4000-8000-000000000099"
NOBODY = "0b000000-0000-4000-8000-0000000000ff"
_NAMES = ("id", "kind", "native", "name", "mail", "unique_id")
UNREAD, OTHERS = "whose object id was not read", "which others whose names were not read may have too"


def row(id: str, kind: str = "human", name: str = "", mail: str | None = None, app: str | None = None) -> Any:
    native = {"human": "user", "workload": "service_principal", "group": "group"}.get(kind, "directory_object")
    return dict(zip(_NAMES, (id, kind, native, name or id, mail, app), strict=True))


def aliases(*rows: Any) -> NamedAliases:
    types = pa.schema([(name, pa.string()) for name in _NAMES])
    return of_scopes([ScopeTables("tenant", "t", {"principals": pa.Table.from_pylist(list(rows), schema=types)})])


DIRECTORY = (
    row(ANN, name="Ann@Corp.example", mail="ann.a@corp.example"), row(BOB, name="bob@corp.example"),
    row(DEPLOY, "workload", "deploy", app=APP.upper()), row("grp", "group", mail="all@corp.example"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ann@corp.example", Meant(ANN, frozenset(), OTHERS)),
        ("ann.a@corp.example", Meant(ANN, frozenset(), OTHERS)),
        ("live.com#bob@corp.example", Meant(BOB, frozenset(), OTHERS)),
        ("eve@corp.example", Meant("", frozenset({ANN, BOB}), UNREAD)),
        ("all@corp.example", Meant("", frozenset({ANN, BOB}), UNREAD)),
        (f"application:{APP}", Meant(DEPLOY, frozenset(), OTHERS)),
        (f"caller:{APP}", Meant(DEPLOY, frozenset(), OTHERS)),
        (f"caller:{ANN}", Meant(ANN)),
        (f"caller:{NOBODY}", Meant("", frozenset(), UNREAD)),
        (f"application:{OTHER_APP}", Meant("", frozenset(), UNREAD)),
        (ANN, None),
        (NOBODY, None),
    ],
)
def test_a_directory_tells_who_has_a_name(name: str, meant: Meant | None) -> None:
    assert aliases(*DIRECTORY).of(name) == meant


def test_without_a_directory_anybody_of_that_kind_may_be_meant() -> None:
    known = aliases(row(ANN), row(BOB), row(DEPLOY, "workload"), row("grp", "group"), row(STRANGER, "unknown"))
    people, programs = frozenset({ANN, BOB, STRANGER}), frozenset({DEPLOY, STRANGER})
    assert known.of("ann@corp.example") == Meant("", people, UNREAD)
    assert known.of(f"application:{APP}") == known.of(f"caller:{APP}") == Meant("", programs, UNREAD)
    assert known.of(f"caller:{BOB}") == Meant(BOB)
    assert known.of(NOBODY) is None


def test_a_name_that_one_has_may_be_that_of_somebody_without_one() -> None:
    guest = row(GUEST, name="pat_partner.example#EXT#@corp.onmicrosoft.com")
    known = aliases(*DIRECTORY, guest, row(ROBOT, "workload"))
    assert known.of("ann@corp.example") == Meant(ANN, frozenset({GUEST}), OTHERS)
    found = known.of(f"application:{APP}")
    assert found == Meant(DEPLOY, frozenset({ROBOT}), OTHERS)
    assert known.of("pat@partner.example") == Meant("", frozenset({ANN, BOB, GUEST}), UNREAD)
    told = aliases(*DIRECTORY, guest | {"mail": "pat@partner.example"})
    assert told.of("pat@partner.example") == Meant(GUEST, frozenset(), OTHERS)


def test_a_name_that_several_have_is_surely_nobodys() -> None:
    known = aliases(
        row(ANN, name="ann@a.example", mail="team@a.example"), row(BOB, name="bob@a.example", mail="TEAM@a.example"),
        row(DEPLOY, "workload", app=APP), row(ROBOT, "workload", app=APP),
    )  # fmt: skip
    assert known.of("team@a.example") == Meant("", frozenset({ANN, BOB}), "which 2 principals have")
    assert known.of(f"application:{APP}") == Meant("", frozenset({DEPLOY, ROBOT}), "which 2 principals have")
    assert known.names(ANN) == ["ann@a.example", f"caller:{ANN}"]
    assert known.names(DEPLOY) == [f"caller:{DEPLOY}"]


def test_an_administrator_of_old_has_no_object_id() -> None:
    mail = "ann@corp.example"
    alone = aliases(row(mail, name=mail), row(BOB))
    assert alone.of(mail) == Meant(mail, frozenset({BOB}), UNREAD)
    assert alone.of(NOBODY) == Meant(NOBODY, frozenset({mail}), "whose address was not read")
    both = aliases(row(mail, name=mail), *DIRECTORY)
    assert both.of(mail) == Meant(mail, frozenset({ANN}), UNREAD)
    assert both.of(ANN) == Meant(ANN, frozenset({mail}), "who has the same address")
    assert both.of(BOB) is None


def corp(*providers: Any) -> NamedAliases:
    observing = PROVIDER.observing
    assert observing is not None and observing.aliases is not None
    scopes = []
    for provider in providers:
        for one in provider.read_exports([CORP]):
            tables = provider.translate(one)
            told = {name: tables[name].select(list(columns)) for name, columns in observing.known.items()}
            scopes.append(ScopeTables(one.scope.kind, one.scope.id, told, provider=provider.name))
    found = observing.aliases(scopes)
    assert isinstance(found, NamedAliases)
    return found


def test_what_real_exports_tell() -> None:
    """Role assignments that the command line lists tell the names of people, the directory those of applications."""
    for known in (corp(PROVIDER), corp(PROVIDER, ENTRA)):
        ann = known.of("ann@corp.example")
        assert ann is not None and ann.id == ANN and STRANGER in ann.maybe and BOB not in ann.maybe
        build = known.of("application:c11e0000-0000-4000-8000-000000000032")
        assert build is not None and build.id == "0b000000-0000-4000-8000-000000000032"
    assert [len(one.names(DEPLOY)) for one in (corp(PROVIDER), corp(PROVIDER, ENTRA))] == [1, 3]
