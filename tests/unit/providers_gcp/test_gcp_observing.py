"""What audit logs of Google Cloud would have shown: kinds of permissions, audit configurations, sinks and files."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gcp_support import ORG, RM, asset, organization, policy, project, translated
from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.gap import Kept, Window
from leastwise.model.naming import Breadth
from leastwise.providers.base import Altered, Folder, ScopeTables, Told
from leastwise.providers.gcp import PROVIDER, catalog
from leastwise.providers.gcp.naming import NAMING
from leastwise.providers.gcp.observing import kept, observability
from leastwise.providers.gcp.observing.configs import trees
from leastwise.providers.gcp.observing.kinds import ADMIN, READ, WRITE, kind_of, kinds
from leastwise.providers.gcp.observing.sinks import taken
from leastwise.usage.watching import Logs, Watching

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW)
TYPES = ("ADMIN_READ", "DATA_READ", "DATA_WRITE")
ASKED = (
    "storage.buckets.create", "storage.objects.get", "storage.objects.create", "bigquery.tables.getData",
    "secretmanager.versions.access", "iam.serviceAccounts.actAs", "unheard.things.get", "pubsub.topics.publish",
)  # fmt: skip
NUMBERS = {name: number for number, name in enumerate(ASKED)}


def config(service: str = "allServices", types: Sequence[str] = TYPES, exempt: Sequence[str] = ()) -> dict[str, Any]:
    logs = [{"logType": one} | ({"exemptedMembers": list(exempt)} if exempt else {}) for one in types]
    return {"service": service, "auditLogConfigs": logs}


def sink(name: str = "all", parent: str = ORG, **data: Any) -> dict[str, Any]:
    told = {"name": name, "destination": "storage.googleapis.com/logs-b", "includeChildren": True} | data
    full = f"//logging.googleapis.com/{parent}/sinks/{name}"
    above = [ORG] if parent == ORG else None
    return asset(full, "logging.googleapis.com/LogSink", above, resource={"data": told})


def told(
    folder: Path, at_top: Sequence[dict[str, Any]] = (), at_project: Sequence[dict[str, Any]] = (),
    *more: dict[str, Any], time: datetime = NOW,
) -> Told:  # fmt: skip
    """An organization with one folder and one project, and what their policies say of audit logs."""
    names = (
        (RM + ORG, at_top, [ORG]),
        (f"{RM}folders/2", (), ["folders/2", ORG]),
        (f"{RM}projects/33", at_project, None),
    )
    policies = [
        asset(
            name,
            "x",
            above,
            iam_policy=policy(("roles/viewer", ["user:a@corp.example"])) | {"auditConfigs": list(said)},
        )
        for name, said, above in names
    ]
    tables = translated(folder, organization(), project(), *policies, *more)
    return Told(time, [ScopeTables("organization", ORG, tables, time=time)])


def every_day(log: str, days: int = 32, whole: bool = True, bucket: str = "logs-b", skip: int = -1) -> list[Folder]:
    dates = [NOW - timedelta(days=back) for back in range(days) if back != skip]
    place = f"/var/{bucket}/cloudaudit.googleapis.com/{log}"
    return [Folder(f"{place}/{one:%Y/%m/%d}", whole) for one in dates]


ALL_FILES = [*every_day("activity"), *every_day("data_access")]


def unseen(
    one: Told | Sequence[Told], folders: Sequence[Folder] = ALL_FILES, account: str = ORG,
    altered: Sequence[Altered] = (), stated: Sequence[Kept] = (),
) -> dict[str, str]:  # fmt: skip
    """Why a use of each permission might not be known, empty where it would be."""
    states = [one] if isinstance(one, Told) else list(one)
    held, unclear = kept(states, folders)
    held += stated
    watching = Watching(ASKED, observability(states, held, altered), Logs(held, unclear), WINDOW, NAMING)
    watch = watching.of(account)
    return {name: watch.rule(number).unseen([]) for name, number in NUMBERS.items()}


def shown(found: dict[str, str]) -> set[str]:
    return {name for name, why in found.items() if not why}


ALWAYS_ON = {"storage.buckets.create", "bigquery.tables.getData"}
EVERYTHING = set(ASKED) - {"iam.serviceAccounts.actAs", "unheard.things.get"}


@pytest.mark.parametrize(
    "permission, kind",
    [
        ("storage.buckets.create", ADMIN), ("storage.objects.get", READ), ("storage.objects.create", WRITE),
        ("resourcemanager.projects.setIamPolicy", ADMIN), ("resourcemanager.projects.get", READ),
        ("iam.serviceAccountKeys.create", ADMIN), ("compute.instances.create", ADMIN), ("compute.instances.list", READ),
        ("secretmanager.versions.access", READ), ("pubsub.topics.publish", WRITE), ("bigquery.tables.getData", READ),
        ("iam.googleapis.com/workloadIdentityPools.create", ADMIN), ("nothing.at.all", ""), ("", ""),
        ("cloudsql.instances.list", READ), ("spanner.databases.read", READ), ("datastore.entities.create", WRITE),
        ("bigtable.tables.readRows", READ), ("container.pods.list", READ), ("dataflow.jobs.create", WRITE),
    ],
)  # fmt: skip
def test_kinds(permission: str, kind: str) -> None:
    assert kind_of(permission) == kind


def test_the_table_names_permissions_that_there_are() -> None:
    from leastwise.providers.gcp.language.names import written

    facts, known = catalog.current(), kinds()
    missing = sorted(name for name in (*known.admin, *known.never) if not facts.knows(written(name)))
    assert missing == []


def test_all_is_seen_where_all_is_on_and_held(tmp_path: Path) -> None:
    found = unseen(told(tmp_path, [config()], (), sink()))
    assert shown(found) == EVERYTHING
    assert "not every service says so" in found["iam.serviceAccounts.actAs"]
    assert found["unheard.things.get"] == "its service is not known to write audit logs"


def test_switching_data_access_off_makes_unobservable_and_nothing_else(tmp_path: Path) -> None:
    on = unseen(told(tmp_path / "on", [config()], (), sink()))
    off = unseen(told(tmp_path / "off", [], (), sink()))
    assert shown(off) == ALWAYS_ON
    assert shown(on) - shown(off) == {"storage.objects.get", "storage.objects.create", "secretmanager.versions.access",
                                      "pubsub.topics.publish"}  # fmt: skip
    assert off["storage.objects.get"] == "Data Access logs for reads are off in folders/2, organizations/1, shop"


@pytest.mark.parametrize("types", [one for size in range(3) for one in itertools.combinations(TYPES, size)])
def test_a_part_of_the_types_shows_a_part(types: tuple[str, ...], tmp_path: Path) -> None:
    wanted = set(ALWAYS_ON)
    if {"ADMIN_READ", "DATA_READ"} <= set(types):
        wanted |= {"storage.objects.get", "secretmanager.versions.access"}
    if "DATA_WRITE" in types:
        wanted |= {"storage.objects.create", "pubsub.topics.publish"}
    assert shown(unseen(told(tmp_path, [config(types=types)], (), sink()))) == wanted


def test_one_service_alone(tmp_path: Path) -> None:
    found = unseen(told(tmp_path, [config("storage.googleapis.com")], (), sink()))
    assert shown(found) == ALWAYS_ON | {"storage.objects.get", "storage.objects.create"}


def test_services_and_all_services_count_together(tmp_path: Path) -> None:
    both = [config(types=["ADMIN_READ"]), config("storage.googleapis.com", ["DATA_READ"])]
    assert "storage.objects.get" in shown(unseen(told(tmp_path, both, (), sink())))


def test_what_a_project_switches_on_is_not_on_in_the_others(tmp_path: Path) -> None:
    found = unseen(told(tmp_path, [], [config()], sink()))
    assert shown(found) == ALWAYS_ON
    assert found["storage.objects.get"].endswith("are off in folders/2, organizations/1")


def test_members_that_are_left_out(tmp_path: Path) -> None:
    found = unseen(told(tmp_path, [config(exempt=["user:ann@corp.example"])], (), sink()))
    assert shown(found) == ALWAYS_ON
    assert found["pubsub.topics.publish"] == "Data Access logs for writes of data leave out user:ann@corp.example"


def test_a_public_bucket_is_not_logged(tmp_path: Path) -> None:
    uniform = {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}}
    bucket = asset("//storage.googleapis.com/open", "storage.googleapis.com/Bucket", resource={"data": uniform})
    closed = unseen(told(tmp_path / "c", [config()], (), sink(), bucket))
    assert shown(closed) == EVERYTHING
    public = bucket | {"iam_policy": policy(("roles/storage.objectViewer", ["allUsers"]))}
    found = unseen(told(tmp_path / "o", [config()], (), sink(), public))
    assert EVERYTHING - shown(found) == {"storage.objects.get", "storage.objects.create"}
    assert "//storage.googleapis.com/open" in found["storage.objects.get"]
    lists = asset("//storage.googleapis.com/lists", "storage.googleapis.com/Bucket", resource={"data": {}})
    assert "storage.objects.get" not in shown(unseen(told(tmp_path / "l", [config()], (), sink(), lists)))


def test_nothing_is_unused_without_files(tmp_path: Path) -> None:
    assert shown(unseen(told(tmp_path, [config()], (), sink()), [])) == set()


def test_a_file_of_gcloud_holds_no_log(tmp_path: Path) -> None:
    one = told(tmp_path, [config()], (), sink())
    assert shown(unseen(one, [Folder("/home/ann/read"), Folder("/home/ann/2026/11/01")])) == set()
    activity, data = (f"{ORG}/logs/cloudaudit.googleapis.com%2F{log}" for log in ("activity", "data_access"))
    stated = [Kept(log, ORG, "*", WINDOW.begin, NOW) for log in (activity, data)]
    found = unseen(one, [], stated=stated)
    assert shown(found) == EVERYTHING


@pytest.mark.parametrize(
    "folders",
    [
        every_day("activity"),
        [*every_day("activity"), *every_day("data_access", skip=12)],
        [*every_day("activity"), *every_day("data_access", whole=False)],
        [*every_day("activity"), *every_day("data_access", days=20)],
    ],
    ids=["one log alone", "a day that is missing", "files that were broken", "a part of the window"],
)
def test_what_is_not_held_is_not_seen(folders: list[Folder], tmp_path: Path) -> None:
    assert shown(unseen(told(tmp_path, [config()], (), sink()), folders)) == {"storage.buckets.create"}


@pytest.mark.parametrize(
    "data",
    [
        {"includeChildren": False}, {"disabled": True}, {"filter": "severity>=ERROR"},
        {"exclusions": [{"name": "x", "filter": "resource.type=x"}]}, {"destination": "bigquery.googleapis.com/x"},
        {"destination": "storage.googleapis.com/other"}, {"filter": 'log_id("x") OR severity=ERROR'},
    ],
)  # fmt: skip
def test_a_sink_that_does_not_let_all_through(data: dict[str, Any], tmp_path: Path) -> None:
    assert shown(unseen(told(tmp_path, [config()], (), sink(**data)))) == set()


def test_a_sink_counts_from_when_it_was_altered(tmp_path: Path) -> None:
    one = told(tmp_path, [config()], (), sink(updateTime="2026-10-20T08:00:00Z"))
    held, _ = kept([one], ALL_FILES)
    assert {span.begin for span in held} == {datetime(2026, 10, 21, tzinfo=UTC)}
    assert shown(unseen(one)) == set()
    old = told(tmp_path / "old", [config()], (), sink(updateTime="2026-09-20T08:00:00Z"))
    assert shown(unseen(old)) == EVERYTHING


def test_a_sink_that_is_gone_says_nothing_of_later_days(tmp_path: Path) -> None:
    earlier = told(tmp_path / "a", [config()], (), sink(), time=NOW - timedelta(days=15))
    held, _ = kept([earlier, told(tmp_path / "b", [config()])], ALL_FILES)
    assert {span.end for span in held} == {datetime(2026, 10, 17, tzinfo=UTC)}


def test_why_files_count_for_no_log(tmp_path: Path) -> None:
    _, unclear = kept([told(tmp_path, [config()], (), sink())], every_day("activity", bucket="elsewhere"))
    assert unclear["shop"].startswith("files below /var/elsewhere are of no bucket")


def test_sinks_of_every_container_are_as_good_as_one_of_the_organization(tmp_path: Path) -> None:
    own = [
        sink("top", ORG, includeChildren=False, destination="storage.googleapis.com/top-b"),
        sink("folder", "folders/2", includeChildren=False, destination="storage.googleapis.com/folder-b"),
    ]
    own[1]["ancestors"] = ["folders/2", ORG]
    project_sink = sink("web", "projects/33", includeChildren=False, destination="storage.googleapis.com/web-b")
    files = [one for bucket in ("top-b", "folder-b", "web-b") for log in ("activity", "data_access")
             for one in every_day(log, bucket=bucket)]  # fmt: skip
    assert shown(unseen(told(tmp_path / "a", [config()], (), *own, project_sink), files)) == EVERYTHING
    assert shown(unseen(told(tmp_path / "b", [config()], (), *own), files)) == set()


@pytest.mark.parametrize(
    "filter, logs",
    [
        ("", {"activity", "data_access"}),
        ('logName:"cloudaudit.googleapis.com"', {"activity", "data_access"}),
        ('log_id("cloudaudit.googleapis.com/activity") OR log_id("cloudaudit.googleapis.com/data_access")',
         {"activity", "data_access"}),
        ('log_id("cloudaudit.googleapis.com/activity")', {"activity"}),
        ('logName:"logs/cloudaudit.googleapis.com%2Factivity" OR log_id("cloudaudit.googleapis.com/policy")',
         {"activity"}),
        ('log_id("cloudaudit.googleapis.com/activity") AND severity>=ERROR', set()),
        ('NOT log_id("cloudaudit.googleapis.com/activity")', set()),
        ('-logName:"cloudaudit.googleapis.com"', set()),
        ('logName:"cloudaudit.googleapis.com" resource.type=gce_instance', set()),
    ],
)  # fmt: skip
def test_filters_of_sinks(filter: str, logs: set[str]) -> None:
    assert taken(filter) == logs


def test_every_account_of_the_tree_is_told_alike(tmp_path: Path) -> None:
    one = told(tmp_path, [config()], (), sink())
    assert unseen(one, account="shop") == unseen(one, account="folders/2") == unseen(one)
    assert set(unseen(one, account="another").values()) - {""}
    assert shown(unseen(one, account="another")) == set()


def test_a_policy_that_was_set_in_the_window_hides_what_was_before(tmp_path: Path) -> None:
    """Between a call that may have switched logs off and on again, and the snapshot, only Admin Activity is sure."""
    one = told(tmp_path, [config()], (), sink())
    at = NOW - timedelta(days=10)
    found = unseen(one, altered=[Altered(f"{RM}{ORG}", ORG, at, at)])
    assert shown(found) == ALWAYS_ON
    assert "is known to record it since 2026-10-22" in found["storage.objects.get"]
    elsewhere = unseen(one, altered=[Altered(f"{RM}organizations/9", "organizations/9", at, at)])
    assert shown(elsewhere) == EVERYTHING


def test_two_snapshots_that_differ(tmp_path: Path) -> None:
    earlier = told(tmp_path / "a", [], (), sink(), time=NOW - timedelta(days=15))
    later = told(tmp_path / "b", [config()], (), sink())
    assert shown(unseen([earlier, later])) == ALWAYS_ON
    same = told(tmp_path / "c", [config()], (), sink(), time=NOW - timedelta(days=15))
    assert shown(unseen([same, later])) == EVERYTHING


@given(st.sets(st.sampled_from(TYPES)), st.sets(st.sampled_from(TYPES)), st.booleans())
def test_more_that_is_on_never_shows_less(some: set[str], more: set[str], own: bool) -> None:
    """A law over configurations: adding types, anywhere, only adds what is seen."""
    from leastwise.providers.gcp.observing.configs import ALL, Tree

    def tree(types: set[str]) -> Tree:
        host = "storage.googleapis.com" if own else ALL
        return Tree("p", ("p",), {"p": {host: dict.fromkeys(types, frozenset())}}, {})

    for kind in (READ, WRITE):
        if not tree(some).lacking("storage.googleapis.com", kind):
            assert not tree(some | more).lacking("storage.googleapis.com", kind)


def test_a_policy_that_was_not_read(tmp_path: Path) -> None:
    tables = translated(tmp_path, organization(), project(), sink())
    one = Told(NOW, [ScopeTables("organization", ORG, tables, time=NOW)])
    found = unseen(one)
    assert shown(found) == ALWAYS_ON
    assert "was not read" in found["storage.objects.get"]
    assert [tree.top for tree in trees(one.scopes)] == [ORG]


def test_numbers_of_types_in_old_exports(tmp_path: Path) -> None:
    old = {"service": "allServices", "audit_log_configs": [{"log_type": one} for one in (1, 2, 3)]}
    assert shown(unseen(told(tmp_path, [old], (), sink()))) == EVERYTHING


def test_the_port_names_the_columns_that_are_read(tmp_path: Path) -> None:
    observing = PROVIDER.observing
    assert observing is not None
    one = told(tmp_path, [config()], (), sink())
    (scope,) = one.scopes
    only = {name: scope.tables[name].select(list(columns)) for name, columns in observing.reads.items()}
    fewer = Told(NOW, [ScopeTables(scope.kind, scope.id, only, time=NOW)])
    held, _ = observing.kept([fewer], ALL_FILES)
    assert observing.observability([fewer], held, ()).equals(observability([one], kept([one], ALL_FILES)[0]))
    assert observing.sensitivity()["iam.serviceAccountKeys.create"] in ("credential exposure", "escalation")


@pytest.mark.parametrize(
    "pattern, name, breadth, region, service",
    [
        ("//storage.googleapis.com/b", "b", Breadth.ONE, "", "storage."),
        (f"{RM}organizations/1", "1", Breadth.EVERYTHING, "", "resourcemanager."),
        (f"{RM}projects/web", "web", Breadth.KIND, "", "resourcemanager."),
        ("web", "web", Breadth.KIND, "", ""),
        ("folders/2", "2", Breadth.EVERYTHING, "", ""),
        ("*", "", Breadth.EVERYTHING, "", ""),
        ("//storage.googleapis.com/projects/_/buckets/b/objects/a*", "", Breadth.SEVERAL, "", "storage."),
        ("//compute.googleapis.com/projects/web/zones/z-a/instances/i", "i", Breadth.ONE, "z-a", "compute."),
    ],
)
def test_naming(pattern: str, name: str, breadth: Breadth, region: str, service: str) -> None:
    assert (NAMING.name(pattern), NAMING.breadth(pattern), NAMING.region(pattern)) == (name, breadth, region)
    assert NAMING.service(pattern) == service


def test_families() -> None:
    assert NAMING.families("storage.objects.get") == ("storage.googleapis.com/* READ", "* READ")
    assert NAMING.families("unheard.things.get") == ()
