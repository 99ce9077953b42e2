"""What Azure's logs would have shown: kinds of permissions, diagnostic settings, files and spans that are held."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure_support import BOB, GROUPS, OTHER, SUB, TENANT, collected, entity, rows, subscription
from hypothesis import given
from hypothesis import strategies as some

from leastwise.model.gap import SENSITIVITIES, Kept, Window
from leastwise.model.naming import Breadth
from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.providers.azure import PROVIDER, catalog
from leastwise.providers.azure.language.operations import Plane, canonical
from leastwise.providers.azure.log_names import log_of
from leastwise.providers.azure.naming import NAMING
from leastwise.providers.azure.observing import kept, observability, places
from leastwise.providers.azure.observing.kinds import CONTROL, READS, family, kinds, unseen, why_unseen
from leastwise.providers.azure.sensitivity import sensitivity
from leastwise.providers.base import Altered, Folder, ScopeTables, Told
from leastwise.usage.keeping import Logs
from leastwise.usage.watching import Watching

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW)
SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
WRITE = "Microsoft.Compute/virtualMachines/write"
ASKED = (
    WRITE, SECRET, "Microsoft.Compute/virtualMachines/read", "Microsoft.Network/virtualNetworks/subnets/join/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "Microsoft.Storage/storageAccounts/listKeys/action", "data:Microsoft.KeyVault/vaults/keys/read",
    "Microsoft.ServiceBus/namespaces/queues/write", "Unheard.Of/things/write",
)  # fmt: skip
NUMBERS = {name: number for number, name in enumerate(ASKED)}
IN_SUB = f"/subscriptions/{SUB}"
VAULT = f"{IN_SUB}/resourceGroups/web/providers/Microsoft.KeyVault/vaults/Kv"
SECOND = f"{IN_SUB}/resourceGroups/web/providers/Microsoft.KeyVault/vaults/Kv2"
STORE = f"{IN_SUB}/resourceGroups/logs/providers/Microsoft.Storage/storageAccounts/corplogs"
WORKSPACE = f"{IN_SUB}/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/w"
ACTIVITY, AUDIT = {WRITE, ASKED[5]}, {SECRET, ASKED[6]}


def setting(
    on: str, *categories: str, groups: Sequence[str] = (), off: Sequence[str] = (), **to: str
) -> dict[str, Any]:
    to = to or {"storageAccountId": STORE}
    logs = [{"category": one, "enabled": True} for one in categories]
    logs += [{"categoryGroup": one, "enabled": True} for one in groups]
    logs += [{"category": one, "enabled": False} for one in off]
    return {"id": f"{on}/providers/microsoft.insights/diagnosticSettings/s", "name": "s",
            "type": "Microsoft.Insights/diagnosticSettings", "properties": {"logs": logs, **to}}  # fmt: skip


def vault(id: str = VAULT) -> dict[str, Any]:
    return {"id": id, "name": id.rpartition("/")[2], "type": "Microsoft.KeyVault/vaults", "location": "we",
            "properties": {"enableRbacAuthorization": True, "tenantId": TENANT}}  # fmt: skip


def told(folder: Path, *objects: Any, time: datetime = NOW, complete: bool = True) -> Told:
    """A tenant with a group and two subscriptions, and what lies in them."""
    folder.mkdir(exist_ok=True)
    top = GROUPS + TENANT
    tree = [entity(top, None), entity(f"{GROUPS}mg", top), entity(IN_SUB, f"{GROUPS}mg"),
            entity(f"/subscriptions/{OTHER}", top), subscription(), subscription(OTHER)]  # fmt: skip
    (one,) = collected(folder, {"x.json": [*tree, *objects]})
    status = CoverageStatus.OK if complete else CoverageStatus.DENIED
    listed = tuple(Coverage("keyVault", "vaults.list", status, "", "", account=of) for of in (SUB, OTHER))
    one = type(one)(one.scope, one.time, one.documents, (*one.coverage, *listed))
    return Told(time, [ScopeTables(one.scope.kind, one.scope.id, PROVIDER.translate(one), time=time)])


def files(
    container: str = "insights-logs-auditevent", on: str = VAULT, days: Sequence[int] = range(33),
    account: str = "corplogs", whole: bool = True,
) -> list[Folder]:  # fmt: skip
    """Folders of files of so many days before now."""
    times = [NOW - timedelta(days=back) for back in days]
    place = f"azblob://{account}/{container}/resourceId={on.upper()}"
    return [Folder(f"{place}/y={one:%Y}/m={one:%m}/d={one:%d}/h=08/m=00/", whole) for one in times]


def span(begin: float = 32, end: float = 0, container: str = f"activity://subscriptions/{SUB}/activity") -> Folder:
    first, last = (f"{NOW - timedelta(days=one):%Y-%m-%dT%H:%M:%SZ}" for one in (begin, end))
    return Folder(f"{container}/{first}_{last}/")


HELD = [span(), span(container=f"activity://subscriptions/{OTHER}/activity"), *files()]
LOGGED = [vault(), setting(VAULT, "AuditEvent")]


def unseen_of(
    one: Told | Sequence[Told], folders: Sequence[Folder] = HELD, on: str = IN_SUB, altered: Sequence[Altered] = (),
    stated: Sequence[Kept] = (),
) -> dict[str, str]:  # fmt: skip
    """Why a use of each permission on something might not be known, empty where it would be."""
    states = [one] if isinstance(one, Told) else list(one)
    held, unclear = kept(states, folders)
    held += stated
    table = observability(states, held, altered)
    watch = Watching(ASKED, table, Logs(held, unclear), WINDOW, NAMING, places(states[-1])).of(SUB)
    return {name: watch.rule(number).unseen([on]) for name, number in NUMBERS.items()}


def shown(found: dict[str, str]) -> set[str]:
    return {name for name, why in found.items() if not why}


@pytest.mark.parametrize(
    ("permission", "found"),
    [
        (WRITE, CONTROL), (WRITE.upper(), CONTROL), (SECRET, "microsoft.keyvault/vaults AuditEvent"),
        ("data:Microsoft.KeyVault/vaults/keys/read", "microsoft.keyvault/vaults AuditEvent"),
        ("Microsoft.KeyVault/vaults/keys/read", READS), ("Microsoft.KeyVault/vaults/keys/release/action", ""),
        ("Microsoft.Storage/storageAccounts/listKeys/action", CONTROL),
        ("Microsoft.Authorization/roleAssignments/delete", CONTROL),
        ("Microsoft.Compute/virtualMachines/read", READS), ("Unheard.Of/things/read", READS),
        ("Microsoft.Network/virtualNetworks/subnets/join/action", ""),
        ("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", ""),
        ("Microsoft.Storage/storageAccounts/blobServices/containers/write", ""),
        ("Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action", ""),
        ("Microsoft.ContainerRegistry/registries/push/write", ""), ("Microsoft.Web/sites/publish/Action", ""),
        ("Microsoft.Authorization/elevateAccess/action", ""),
        ("Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action", ""),
        ("Microsoft.KeyVault/vaults/deploy/action", ""), ("Microsoft.EventHub/namespaces/write", ""),
        ("Microsoft.KeyVault/vaults/certificatecontacts/write", ""), ("Unheard.Of/things/write", ""), ("", ""),
    ],
)  # fmt: skip
def test_families(permission: str, found: str) -> None:
    assert family(permission) == found


def test_the_table_names_data_actions_that_there_are_and_pages_with_their_day() -> None:
    for one in kinds().resources:
        assert [name for name in one.permissions if Plane.DATA not in catalog.planes(name)] == []
        assert set(one.changing) <= (PROVIDER.observing.altering if PROVIDER.observing else set())
    from importlib import resources

    import yaml

    said = yaml.safe_load((resources.files("leastwise.providers.azure") / "data" / "logged.yaml").read_text("utf-8"))
    assert isinstance(said["read"], date)
    pages = [*said["activity"]["along"], *said["activity"]["elsewhere"], *said["resources"], *said["unsure"]]
    assert all(one["page"].startswith("https://learn.microsoft.com/") for one in [said["activity"], *pages])


def test_what_is_shown_has_a_page_with_what_it_says() -> None:
    from importlib import resources

    import yaml

    said = yaml.safe_load((resources.files("leastwise.providers.azure") / "data" / "logged.yaml").read_text("utf-8"))
    activity = said["activity"]
    for one in (activity, *activity["along"], *activity["elsewhere"], *said["resources"]):
        assert one["page"].startswith("https://learn.microsoft.com/") and one["says"], one
    assert all(one["as_of"] <= said["read"] for one in (activity, *said["resources"]))
    assert not any("page" in one for one in activity["unread"])


def test_what_can_be_called_unused_of_vaults_is_what_operations_of_their_log_are_known_to_need() -> None:
    from importlib import resources

    import yaml

    file = resources.files("leastwise.providers.azure") / "data" / "events" / "keyvault.yaml"
    said = yaml.safe_load(file.read_text("utf-8"))
    needed = {
        canonical(f"{said['prefix']}{name}")
        for one in said["vault"].values() for part in ("needs", "possible") for name in one.get(part, ())
    }  # fmt: skip
    (vaults,) = kinds().resources
    assert vaults.permissions <= needed
    assert not any(name.endswith(("certificates/read", "certificates/create/action")) for name in vaults.permissions)


def test_what_is_never_shown_has_a_reason_and_no_family() -> None:
    for name, why in unseen().items():
        assert why and not family(name)
    assert "best-effort" in why_unseen(ASKED[4])


def test_every_permission_has_a_sensitivity() -> None:
    found = sensitivity()
    assert set(found.values()) == set(SENSITIVITIES)
    assert found["Microsoft.Authorization/roleAssignments/write"] == "escalation"
    assert found["Microsoft.Storage/storageAccounts/listkeys/action"] == "credential exposure"
    assert found[SECRET] == "credential exposure" and found[ASKED[2]] == "read" and found[ASKED[4]] == "data read"
    every = [name for plane in Plane for name in catalog.every(plane)]
    assert {canonical(name.removeprefix("data:")) for name in found} == {canonical(name) for name in every}


def test_with_everything_held_writes_and_data_of_vaults_are_shown_reads_and_blobs_never(tmp_path: Path) -> None:
    found = unseen_of(told(tmp_path, *LOGGED))
    assert shown(found) == ACTIVITY | AUDIT
    assert "best-effort" in found[ASKED[4]] and "in no log of Azure" in found[ASKED[2]]


@pytest.mark.parametrize("groups", [["audit"], ["allLogs"], ["AllLogs"]])
def test_groups_of_categories_count_as_their_categories(tmp_path: Path, groups: list[str]) -> None:
    assert shown(unseen_of(told(tmp_path, vault(), setting(VAULT, groups=groups)))) >= AUDIT


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ([], "no diagnostic setting that was read keeps AuditEvent"),
        ([setting(VAULT, off=["AuditEvent"])], "no diagnostic setting"),
        ([setting(VAULT, "AzurePolicyEvaluationDetails")], "no diagnostic setting"),
        ([setting(VAULT, "AuditEvent", eventHubAuthorizationRuleId=f"{IN_SUB}/x")], "no diagnostic setting"),
        ([setting(f"{VAULT}x", "AuditEvent")], "no diagnostic setting"),
    ],
)
def test_a_vault_without_its_category_shows_nothing(tmp_path: Path, settings: list[Any], why: str) -> None:
    found = unseen_of(told(tmp_path, vault(), *settings))
    assert shown(found) == ACTIVITY
    assert why in found[SECRET] and why in unseen_of(told(tmp_path, vault(), *settings), on=VAULT)[SECRET]


def test_held_on_one_vault_needs_that_vault_alone_on_a_subscription_all(tmp_path: Path) -> None:
    one = told(tmp_path, *LOGGED, vault(SECOND))
    for on in (VAULT, f"{VAULT}/secrets/s", VAULT.lower(), f"{VAULT}/secrets/*"):
        assert shown(unseen_of(one, on=on)) >= AUDIT, on
    for on in (SECOND, IN_SUB, f"{IN_SUB}/resourceGroups/web", f"{IN_SUB}/*", f"{VAULT}*"):
        assert not shown(unseen_of(one, on=on)) & AUDIT, on
    both = told(tmp_path / "b", *LOGGED, vault(SECOND), setting(SECOND, "AuditEvent"))
    assert not shown(unseen_of(both)) & AUDIT
    assert shown(unseen_of(both, [*HELD, *files(on=SECOND)])) >= AUDIT


def test_where_vaults_were_not_all_listed_a_subscription_shows_nothing_of_them(tmp_path: Path) -> None:
    one = told(tmp_path, *LOGGED, complete=False)
    assert "was not told" in unseen_of(one)[SECRET]
    assert shown(unseen_of(one, on=VAULT)) >= AUDIT


def test_a_role_on_a_group_needs_the_logs_of_all_below_it_and_its_own(tmp_path: Path) -> None:
    one = told(tmp_path, *LOGGED)
    group = f"{GROUPS}mg"
    assert "its log of this account was not taken in" in unseen_of(one, on=group)[WRITE]
    own = span(container="activity://managementGroups/mg/activity")
    assert shown(unseen_of(one, [*HELD, own], on=group)) >= ACTIVITY
    assert unseen_of(one, [*HELD, own], on=GROUPS + TENANT)[WRITE]
    everything = [*HELD, own, span(container=f"activity://managementGroups/{TENANT}/activity")]
    assert shown(unseen_of(one, everything, on=GROUPS + TENANT)) >= ACTIVITY
    assert shown(unseen_of(one, on=f"/subscriptions/{OTHER}")) >= ACTIVITY, "vaults were listed there, and are none"
    assert "was not read" in unseen_of(one, on="/subscriptions/33333333-3333-4333-8333-333333333333")[WRITE]


@pytest.mark.parametrize(
    ("folders", "why"),
    [
        ([], "was not taken in"),
        ([span(begin=20)], "begin on 2026-10-12"),
        ([span(end=10)], "end on 2026-10-22"),
        ([span(end=20), span(begin=10)], "lack what lies between 2026-10-12 and 2026-10-22"),
        ([Folder(span().name, whole=False)], "was not taken in"),
        ([Folder(span().name.replace("/activity/", "/since/"))], "was not taken in"),
    ],
)
def test_the_window_must_be_held(tmp_path: Path, folders: list[Folder], why: str) -> None:
    assert why in unseen_of(told(tmp_path, *LOGGED), folders)[WRITE]


ADMINISTRATIVE = setting(IN_SUB, "Administrative", "Policy")


@pytest.mark.parametrize(
    ("settings", "folders", "held"),
    [
        ([ADMINISTRATIVE], files("insights-activity-logs", IN_SUB), True),
        ([ADMINISTRATIVE], files("insights-activity-logs", IN_SUB, account="others"), True),
        ([setting(IN_SUB, "Security")], files("insights-activity-logs", IN_SUB), False),
        ([], files("insights-activity-logs", IN_SUB), False),
        ([ADMINISTRATIVE], files("insights-activity-logs", f"/subscriptions/{OTHER}"), False),
        ([ADMINISTRATIVE], files("insights-activity-logs", IN_SUB, days=[*range(10), *range(12, 33)]), False),
        ([ADMINISTRATIVE], [*files("insights-activity-logs", IN_SUB),
                            *files("insights-activity-logs", IN_SUB, days=[9], whole=False)], False),
        ([ADMINISTRATIVE, setting(VAULT, "AuditEvent", storageAccountId=STORE.replace("corplogs", "others"))],
         files("insights-activity-logs", IN_SUB, account="others"), False),
        ([{**ADMINISTRATIVE, "id": f"{IN_SUB[1:]}/providers/AzureResourceManager/diagnosticSettings/s"}],
         files("insights-activity-logs", IN_SUB), True),
    ],
)  # fmt: skip
def test_days_of_files_of_the_activity_log(
    tmp_path: Path, settings: list[Any], folders: list[Folder], held: bool
) -> None:
    assert (WRITE in shown(unseen_of(told(tmp_path, vault(), *settings), folders))) is held


def test_days_of_a_vault_without_a_file_are_held_where_the_container_was_listed(tmp_path: Path) -> None:
    one = told(tmp_path, *LOGGED)
    some_days = files(days=[*range(5), *range(20, 33)])
    activity = [span()]
    assert "lack what lies between" in unseen_of(one, [*activity, *some_days], on=VAULT)[SECRET]
    listed = span(20, 4, f"azblob://corplogs/insights-logs-auditevent/resourceId={VAULT.upper()}/listed")
    assert shown(unseen_of(one, [*activity, *some_days, listed], on=VAULT)) >= AUDIT
    broken = files(days=[12], whole=False)
    assert not shown(unseen_of(one, [*activity, *some_days, listed, *broken], on=VAULT)) & AUDIT


@pytest.mark.parametrize(
    ("mode", "table", "held"),
    [("Dedicated", "AZKVAuditLogs", True), ("", "AzureDiagnostics", True), ("", "AZKVAuditLogs", False),
     ("Dedicated", "unsure_AZKVAuditLogs", False)],
)  # fmt: skip
def test_spans_of_a_workspace_count_for_what_writes_to_that_table(
    tmp_path: Path, mode: str, table: str, held: bool
) -> None:
    to = {"workspaceId": WORKSPACE} | ({"logAnalyticsDestinationType": mode} if mode else {})
    one = told(tmp_path, vault(), setting(VAULT, "AuditEvent", **to), setting(IN_SUB, "Administrative", **to))
    place = f"loganalytics://{WORKSPACE[1:].lower()}"
    folders = [span(container=f"{place}/{table}"), span(container=f"{place}/AzureActivity")]
    found = shown(unseen_of(one, folders, on=VAULT))
    assert found >= ACTIVITY and (found >= AUDIT) is held


def test_settings_hold_until_somebody_altered_one(tmp_path: Path) -> None:
    one = told(tmp_path, *LOGGED)
    at = NOW - timedelta(days=12)
    altered = [Altered(f"{VAULT.lower()}/providers/microsoft.insights/diagnosticsettings/s", SUB, at, at)]
    assert "known to record it since 2026-10-20" in unseen_of(one, altered=altered)[SECRET]
    assert WRITE in shown(unseen_of(one, altered=altered)), "the Activity Log is always on"
    elsewhere = [Altered("x", OTHER, at, at)]
    assert shown(unseen_of(one, altered=elsewhere)) >= AUDIT
    assert "known to record it since" in unseen_of(one, files())[SECRET] or unseen_of(one, files())[SECRET]


def test_settings_of_an_earlier_snapshot_hold_for_its_time(tmp_path: Path) -> None:
    before = told(tmp_path / "a", vault(), time=NOW - timedelta(days=10))
    assert not shown(unseen_of([before, told(tmp_path / "b", *LOGGED)])) & AUDIT
    same = told(tmp_path / "c", *LOGGED, time=NOW - timedelta(days=10))
    assert shown(unseen_of([same, told(tmp_path / "d", *LOGGED)])) >= AUDIT


def test_what_estate_yaml_states_counts_under_the_names_of_the_logs(tmp_path: Path) -> None:
    one = told(tmp_path, *LOGGED)
    begin = WINDOW.begin - timedelta(days=1)
    for log in (log_of("activity", IN_SUB), log_of("activity", f"{GROUPS}{TENANT}".lower())):
        assert WRITE in shown(unseen_of(one, [], stated=[Kept(log, SUB, "*", begin, NOW)]))
    audit = log_of("AuditEvent", VAULT.lower())
    stated = [Kept(log_of("activity", IN_SUB), SUB, "*", begin, NOW), Kept(audit, SUB, "*", begin, NOW)]
    assert shown(unseen_of(one, [], stated=stated)) >= AUDIT


def test_a_setting_is_translated_with_what_it_is_on_and_without_a_gap(tmp_path: Path) -> None:
    on_subscription = {**ADMINISTRATIVE, "id": f"{IN_SUB[1:]}/providers/AzureResourceManager/diagnosticSettings/s"}
    events = setting(VAULT, "AuditEvent", off=["Other"], groups=["audit"], eventHubName="h",
                     eventHubAuthorizationRuleId=f"{IN_SUB}/resourceGroups/x/providers/Microsoft.EventHub/namespaces/n/"
                     "authorizationRules/send")  # fmt: skip
    one = told(tmp_path, on_subscription, events).scopes[0]
    found = {row["id"]: dict(row["details"]) for row in rows(one.tables, "resources")
             if row["kind"] == "insights:diagnosticsettings"}  # fmt: skip
    assert found[f"{IN_SUB}/providers/AzureResourceManager/diagnosticSettings/s"] == {
        "on": IN_SUB, "logs": "Administrative,Policy", "storageAccountId": STORE,
    }  # fmt: skip
    (other,) = [details for id, details in found.items() if "vaults" in id]
    assert (other["on"], other["logs"], other["groups"]) == (VAULT.lower(), "AuditEvent", "audit")
    assert other["eventHubName"] == "h" and "Other" not in json.dumps(other)
    assert not [row for row in rows(one.tables, "coverage") if "left out" in (row["detail"] or "")]


@pytest.mark.parametrize(
    ("pattern", "breadth", "name"),
    [
        ("*", Breadth.EVERYTHING, ""), ("/", Breadth.EVERYTHING, ""), (IN_SUB, Breadth.EVERYTHING, SUB),
        (f"{GROUPS}mg", Breadth.EVERYTHING, "mg"), (f"{IN_SUB}/resourceGroups/web", Breadth.KIND, "web"),
        (VAULT, Breadth.ONE, "Kv"), (f"{VAULT}/secrets/*", Breadth.SEVERAL, ""), (BOB, Breadth.KIND, BOB),
    ],
)  # fmt: skip
def test_names(pattern: str, breadth: Breadth, name: str) -> None:
    assert (NAMING.breadth(pattern), NAMING.name(pattern), NAMING.region(pattern)) == (breadth, name, "")
    assert NAMING.service(VAULT) == "Microsoft.KeyVault/" and NAMING.service(IN_SUB) == ""


@given(some.text(max_size=60))
def test_any_text_is_a_pattern_of_places_and_a_name_of_a_folder(text: str) -> None:
    where = places(Told(NOW, []))
    assert where(text) is None or isinstance(where(text), list)
    assert (
        kept([], [Folder(text), Folder(f"azblob://a/insights-logs-auditevent/resourceId={text}/y=2026/m=13/d=40/")])[0]
        == []
    )
