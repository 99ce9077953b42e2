"""What the directory's logs would have shown, what is held of them, and what calls of an application can be had by."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pyarrow as pa
import pytest
from entra_events_support import TENANT, drawn, record

from leastwise.engine.columns import plain
from leastwise.model.gap import SENSITIVITIES, Kept
from leastwise.providers.base import Folder, ScopeTables, Told
from leastwise.providers.entra import PROVIDER, catalog
from leastwise.providers.entra.language.settings import CALL, KIND, SERVICE
from leastwise.providers.entra.log_names import log_of
from leastwise.providers.entra.naming import NAMING
from leastwise.providers.entra.observing import aliases, kept, observability
from leastwise.providers.entra.observing.choosing import APPLICATION, DELEGATED, choices
from leastwise.providers.entra.observing.kinds import ASKED, AUDITED, READS, family
from leastwise.usage.covering import compared, least

D = "microsoft.directory/"


def day(category: str, number: int, whole: bool = True, tenant: str = TENANT) -> Folder:
    place = f"/data/insights-logs-{category}/tenantId={tenant.upper()}/y=2026/m=11/d={number:02}/h=08/m=00"
    return Folder(place, whole)


@pytest.mark.parametrize(
    ("permission", "wanted"),
    [
        (f"{D}users/create", AUDITED), (f"{D}groups.security/members/update", AUDITED),
        (f"{D}users/standard/read", READS),
        (f"{D}users/allProperties/allTasks", ""), (f"{D}users/frob/update", ""), ("User.Read.All", ASKED),
        ("offline_access", ""), ("full_access_as_app", ""), ("Exchange/Set-Mailbox", ""),
    ],
)  # fmt: skip
def test_in_which_log_a_use_would_stand(permission: str, wanted: str) -> None:
    assert family(permission) == wanted
    assert list(NAMING.families(permission)) == ([wanted] if wanted else [])


def test_rows_are_of_the_tenants_that_are_known() -> None:
    scopes = pa.Table.from_pylist([{"id": TENANT, "kind": "tenant"}, {"id": "au", "kind": "administrative_unit"}])
    told = Told(datetime(2026, 11, 22, tzinfo=UTC), [ScopeTables("tenant", TENANT, {"scopes": scopes})])
    rows = plain(observability([told, told])).to_pylist()
    assert [(one["account"], one["permission"], one["observed"], one["log"]) for one in rows] == [
        (TENANT, AUDITED, "yes", f"AuditLogs:{TENANT}"), (TENANT, ASKED, "yes", f"MicrosoftGraphActivityLogs:{TENANT}"),
        (TENANT, READS, "no", ""), (TENANT, "*", "no", ""),
    ]  # fmt: skip


def test_days_count_between_days_with_files() -> None:
    folders = [day("auditlogs", one) for one in (3, 4, 5, 6, 9, 10, 11)] + [day("auditlogs", 10, whole=False)]
    folders += [day("riskyusers", one) for one in (3, 4, 5)] + [day("microsoftgraphactivitylogs", 3), Folder("/x/y")]
    found, unclear = kept([], folders)
    assert [(one.log, one.account, one.begin.day, one.end.day) for one in found] == [
        (log_of("AuditLogs", TENANT), TENANT, 4, 6)
    ]
    assert unclear == {
        TENANT: "of MicrosoftGraphActivityLogs there are no three days with files that follow one another"
    }


def test_names_are_those_of_the_directory() -> None:
    principals = pa.Table.from_pylist([
        {"id": "0c000000-0000-4000-8000-000000000001", "kind": "workload", "native": "service_principal",
         "name": "robot", "mail": None, "unique_id": "0a000000-0000-4000-8000-000000000001"},
        {"id": "0b000000-0000-4000-8000-000000000001", "kind": "human", "native": "user", "name": "ann@corp.example",
         "mail": "ann@corp.example", "unique_id": None},
    ])  # fmt: skip
    found = aliases([ScopeTables("tenant", TENANT, {"principals": principals})])
    app, person = found.of("application:0a000000-0000-4000-8000-000000000001"), found.of("ann@corp.example")
    assert app is not None and app.id == "0c000000-0000-4000-8000-000000000001"
    assert person is not None and person.id == "0b000000-0000-4000-8000-000000000001"


def test_the_least_for_an_apps_calls() -> None:
    uses = [
        ("Directory.Read.All", "GET /users"), ("Directory.Read.All", "GET /groups"),
        ("Mail.ReadWrite", "GET /users/{id}/messages"), ("User.Read", "GET /me on behalf of a user"),
        ("Frob.All", "GET /frobs"), (f"{D}users/delete", "0b000000-0000-4000-8000-000000000001"),
    ]  # fmt: skip
    made = choices(uses)
    assert made.unknown == {APPLICATION: ("GET /frobs",)} and set(made.calls) == {APPLICATION, DELEGATED}
    own, on_behalf = compared(made, {APPLICATION: ["Directory.Read.All", "Mail.ReadWrite"], DELEGATED: ["User.Read"]})
    assert set(own.beyond) == {"Directory.Read.All", "Mail.ReadWrite"} and own.least.exact and own.calls == 3
    assert not {one for one in own.least.chosen if "ReadWrite" in one or one.startswith("Directory.")}
    assert (on_behalf.least.chosen, on_behalf.beyond, on_behalf.lacking) == (("User.Read",), (), ())


def test_what_suffices_for_some_objects_is_chosen_only_where_it_did() -> None:
    name = "DELETE /applications/{id}"
    wide, own = (choices([(one, name)]) for one in ("Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"))
    assert least(wide.calls[APPLICATION].values(), partial(wide.cost, APPLICATION)).chosen == (
        "Application.ReadWrite.All",
    )
    assert least(own.calls[APPLICATION].values(), partial(own.cost, APPLICATION)).chosen == (
        "Application.ReadWrite.OwnedBy",
    )


def test_every_permission_has_a_word() -> None:
    assert PROVIDER.observing is not None
    words = PROVIDER.observing.sensitivity()
    assert set(words.values()) <= set(SENSITIVITIES)
    assert words[f"{D}users/standard/read"] == "read" and words[f"{D}users/password/update"] in SENSITIVITIES[4:]
    assert {one.value for one in catalog.current().values} <= set(words)


def test_what_is_drawn_of_requests_is_what_is_chosen_from() -> None:
    [row], _ = drawn(record("one value of the token allows the request"))
    made = choices([(row["permission"], row["bucket"])])
    assert "User.Read.All" in made.calls[APPLICATION]["GET /users"]


def settled(time: int, *settings: dict[str, str], status: str = "ok", calls: bool = True) -> Told:
    """A snapshot of the tenant on a day of November, with what it says of diagnostic settings."""
    rows = [{"id": f"s{number}", "kind": KIND, "details": list(one.items())} for number, one in enumerate(settings)]
    details = pa.map_(pa.string(), pa.string())
    tables = {
        "scopes": pa.Table.from_pylist([{"id": TENANT.upper(), "kind": "tenant"}]),
        "resources": pa.Table.from_pylist(rows, pa.schema([("id", pa.string()), ("kind", pa.string()),
                                                           ("details", details)])),
        "coverage": pa.Table.from_pylist([{"service": SERVICE, "call": CALL if calls else "x", "status": status,
                                           "detail": "AuthorizationFailed" if status != "ok" else None}]),
    }  # fmt: skip
    return Told(datetime(2026, 11, time, tzinfo=UTC), [ScopeTables("tenant", TENANT, tables)])


def asked(*told: Told, held: str = "") -> tuple[str, str]:
    """Whether the use of permissions of Graph is observed, and why."""
    some = [Kept(held, TENANT, "*", told[0].time, told[0].time)] if held else []
    (row,) = [one for one in plain(observability(list(told), some)).to_pylist() if one["permission"] == ASKED]
    return row["observed"], row["reason"]


TO_STORE = {"logs": "MicrosoftGraphActivityLogs,AuditLogs", "storageAccountId": "/x/storageAccounts/Corp"}


def test_settings_say_where_and_since_when_requests_are_kept() -> None:
    since = "the activity logs of Microsoft Graph (storage account corp, seen since 2026-11-03)"
    assert asked(settled(1), settled(3, TO_STORE), settled(9, TO_STORE)) == ("yes", since)
    everything = {"groups": "allLogs", "workspaceId": "/w/workspaces/law"}
    assert "workspace law, seen since 2026-11-09" in asked(settled(9, everything))[1]


def test_refused_not_asked_and_none_are_three_answers() -> None:
    none = ("no", "no diagnostic setting of the directory keeps MicrosoftGraphActivityLogs")
    assert asked(settled(1)) == none == asked(settled(1), settled(2, {"logs": "AuditLogs", "workspaceId": "w"}))
    assert asked(settled(1, calls=False)) == ("yes", "the activity logs of Microsoft Graph")
    told = "where it is kept was not told: unlicensed: AuthorizationFailed"
    assert asked(settled(1, status="unlicensed")) == ("yes", f"the activity logs of Microsoft Graph ({told})")
    held = log_of("MicrosoftGraphActivityLogs", TENANT)
    assert asked(settled(1), held=held)[0] == "yes", "what is held was kept by somebody"


def test_tables_are_of_the_tenant_whose_setting_writes_them() -> None:
    place = "subscriptions/s/resourcegroups/g/providers/microsoft.operationalinsights/workspaces/law"
    name = f"loganalytics://{place}/AuditLogs/2026-11-04T00:00:00Z_2026-11-06T00:00:00Z/"
    unsure = f"loganalytics://{place}/unsure_AuditLogs/2026-11-01T00:00:00Z_2026-11-04T00:00:00Z/"
    folders = [Folder(name), Folder(unsure)]
    assert kept([settled(9)], folders) == ([], {})
    there = {"logs": "AuditLogs", "workspaceId": f"/{place.upper()}"}
    (found,), _ = kept([settled(8, there), settled(9)], folders)
    assert (found.log, found.begin.day, found.end.day) == (log_of("AuditLogs", TENANT), 4, 6)
    assert kept([settled(8, {"logs": "SignInLogs", "workspaceId": f"/{place}"})], folders) == ([], {})
