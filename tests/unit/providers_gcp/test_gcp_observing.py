"""What audit logs of Google Cloud would have shown: kinds of permissions, audit configurations, sinks and files."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from gcp_support import ORG, RM, asset, organization, policy, project, translated
from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.gap import Kept, Window
from leastwise.model.naming import Breadth
from leastwise.providers.base import Altered, Folder, ScopeTables, Told
from leastwise.providers.gcp import PROVIDER, catalog
from leastwise.providers.gcp.naming import NAMING
from leastwise.providers.gcp.observing import kept, observability, places
from leastwise.providers.gcp.observing.configs import trees
from leastwise.providers.gcp.observing.kinds import ADMIN, ADMIN_READ, DATA, DATA_READ, DATA_WRITE, kind_of, kinds
from leastwise.providers.gcp.observing.sinks import taken
from leastwise.usage.keeping import Logs
from leastwise.usage.watching import Watching

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW)
TYPES = ("ADMIN_READ", "DATA_READ", "DATA_WRITE")
ASKED = (
    "storage.buckets.create", "storage.objects.get", "storage.objects.create", "bigquery.tables.getData",
    "secretmanager.versions.access", "iam.serviceAccounts.actAs", "unheard.things.get", "pubsub.topics.publish",
    "storage.buckets.get",
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
    return [Folder(f"{place}/{one:%Y/%m/%d}/", whole) for one in dates]


ALL_FILES = [*every_day("activity"), *every_day("data_access")]


def unseen(
    one: Told | Sequence[Told], folders: Sequence[Folder] = ALL_FILES, account: str = ORG,
    altered: Sequence[Altered] = (), stated: Sequence[Kept] = (), on: Sequence[str] = (),
) -> dict[str, str]:  # fmt: skip
    """Why a use of each permission on some resources (all) might not be known, empty where it would be."""
    states = [one] if isinstance(one, Told) else list(one)
    held, unclear = kept(states, folders)
    held += stated
    rows = observability(states, held, altered)
    watch = Watching(ASKED, rows, Logs(held, unclear), WINDOW, NAMING, places(states[-1])).of(account)
    return {name: watch.rule(number).unseen(on) for name, number in NUMBERS.items()}


def shown(found: dict[str, str]) -> set[str]:
    return {name for name, why in found.items() if not why}


ADMIN_ACTIVITY = {"storage.buckets.create"}
ALWAYS_ON = ADMIN_ACTIVITY | {"bigquery.tables.getData"}
EVERYTHING = set(ASKED) - {"iam.serviceAccounts.actAs", "unheard.things.get", "pubsub.topics.publish"}
SWITCHED = EVERYTHING - ALWAYS_ON
SHOP, TOP = f"{RM}projects/33", f"{RM}{ORG}"


@pytest.mark.parametrize(
    "permission, kind",
    [
        ("storage.buckets.create", ADMIN), ("storage.objects.get", DATA_READ), ("storage.objects.create", DATA_WRITE),
        ("resourcemanager.projects.setIamPolicy", ADMIN), ("iam.serviceAccountKeys.create", ADMIN),
        ("compute.instances.create", ADMIN), ("compute.instances.list", ADMIN_READ),
        ("secretmanager.versions.access", DATA_READ), ("bigquery.tables.getData", DATA_READ),
        ("iam.googleapis.com/workloadIdentityPools.create", ADMIN), ("cloudsql.instances.list", ADMIN_READ),
        ("pubsub.snapshots.seek", ADMIN_READ), ("pubsub.topics.get", DATA_READ), ("storage.buckets.get", ADMIN_READ),
        ("iam.serviceAccounts.getAccessToken", ADMIN_READ), ("orgpolicy.policy.set", ADMIN),
        # What a page says is not logged, or not always; what no page that was read lists; what is no permission.
        ("pubsub.topics.publish", ""), ("pubsub.subscriptions.consume", ""), ("iam.serviceAccounts.signBlob", ""),
        ("bigquery.tables.updateData", ""), ("bigquery.tables.get", ""), ("resourcemanager.projects.get", ""),
        ("container.pods.list", ""), ("spanner.databases.read", ""), ("run.routes.invoke", ""),
        ("iam.serviceAccounts.actAs", ""), ("nothing.at.all", ""), ("", ""),
    ],
)  # fmt: skip
def test_kinds(permission: str, kind: str) -> None:
    assert kind_of(permission) == kind


def test_the_table_names_permissions_that_there_are() -> None:
    from leastwise.providers.gcp.language.names import written

    facts, known = catalog.current(), kinds()
    missing = sorted(name for name in (*known.types, *known.never) if not facts.knows(written(name)))
    assert missing == []
    assert not known.types.keys() & known.never.keys()


def test_each_page_is_named_with_the_day_it_was_read() -> None:
    told = yaml.safe_load((resources.files("leastwise.providers.gcp") / "data/audit.yaml").read_text())
    assert isinstance(told["read"], date)
    named = [one["page"] for one in told["pages"]]
    assert len(named) == len(set(named))
    assert all(one.startswith("https://docs.cloud.google.com/") for one in named)
    listed = [
        f"{one['service']}.{name}" for one in told["pages"] for kind in (ADMIN, *DATA) for name in one.get(kind, ())
    ]
    assert [one for one, times in Counter(listed).items() if times > 1] == []


def test_a_permission_without_an_entry_is_never_seen(tmp_path: Path) -> None:
    """A law over the whole catalogue: with everything on and held, what no page lists is UNOBSERVABLE."""
    one, names = told(tmp_path, [config()], (), sink()), catalog.current().permissions
    held, unclear = kept([one], ALL_FILES)
    rows = observability([one], held)
    watch = Watching(names, rows, Logs(held, unclear), WINDOW, NAMING, places(one)).of(ORG)
    seen = {name for number, name in enumerate(names) if not watch.rule(number).unseen([])}
    assert seen == {name for name in names if kind_of(name)}
    assert all((watch.rule(number).decided is not False) is (name in seen) for number, name in enumerate(names))
    assert len(seen) > 400


def test_all_is_seen_where_all_is_on_and_held(tmp_path: Path) -> None:
    found = unseen(told(tmp_path, [config()], (), sink()))
    assert shown(found) == EVERYTHING
    assert "not every service says so" in found["iam.serviceAccounts.actAs"]
    assert found["unheard.things.get"] == "no page of its service that was read says that its uses are logged"
    assert found["pubsub.topics.publish"] == "Pub/Sub writes no entry of messages that are published"


def test_switching_data_access_off_makes_unobservable_and_nothing_else(tmp_path: Path) -> None:
    on = unseen(told(tmp_path / "on", [config()], (), sink()))
    off = unseen(told(tmp_path / "off", [], (), sink()))
    assert shown(off) == ALWAYS_ON
    assert shown(on) - shown(off) == SWITCHED
    why = "Data Access logs (DATA_READ) of storage.googleapis.com are off in folders/2; likewise in 2 more accounts"
    assert off["storage.objects.get"] == why


@pytest.mark.parametrize("types", [one for size in range(3) for one in itertools.combinations(TYPES, size)])
def test_a_part_of_the_types_shows_a_part(types: tuple[str, ...], tmp_path: Path) -> None:
    wanted = ALWAYS_ON | {name for name in SWITCHED if kind_of(name) in types}
    assert shown(unseen(told(tmp_path, [config(types=types)], (), sink()))) == wanted


def test_one_service_alone(tmp_path: Path) -> None:
    found = unseen(told(tmp_path, [config("storage.googleapis.com")], (), sink()))
    assert shown(found) == ALWAYS_ON | {"storage.objects.get", "storage.objects.create", "storage.buckets.get"}


def test_services_and_all_services_count_together(tmp_path: Path) -> None:
    both = [config(types=["ADMIN_READ"]), config("storage.googleapis.com", ["DATA_READ"])]
    assert shown(unseen(told(tmp_path, both, (), sink()))) == ALWAYS_ON | {"storage.objects.get", "storage.buckets.get"}


def test_what_a_project_switches_on_is_seen_there_alone(tmp_path: Path) -> None:
    one = told(tmp_path, [], [config()], sink())
    assert shown(unseen(one)) == shown(unseen(one, on=[TOP])) == ALWAYS_ON
    assert shown(unseen(one, on=[SHOP])) == shown(unseen(one, on=[f"{RM}projects/shop"])) == EVERYTHING
    assert shown(unseen(one, on=[f"{RM}folders/2"])) == ALWAYS_ON
    assert shown(unseen(one, on=[SHOP, f"{RM}folders/2"])) == ALWAYS_ON
    assert shown(unseen(one, on=["//pubsub.googleapis.com/projects/shop/topics/*"])) == EVERYTHING
    assert shown(unseen(one, on=["//pubsub.googleapis.com/projects/another/topics/*"])) == ALWAYS_ON


def test_members_that_are_left_out(tmp_path: Path) -> None:
    """Whether they are left out of what is always on is not told either."""
    found = unseen(told(tmp_path, [config(exempt=["user:ann@corp.example"])], (), sink()))
    assert shown(found) == ADMIN_ACTIVITY
    why = "Data Access logs (DATA_READ) of storage.googleapis.com leave out user:ann@corp.example"
    assert found["storage.objects.get"].startswith(why)
    below = told(tmp_path / "b", [config()], [config("storage.googleapis.com", ["DATA_READ"], ["user:a@b.c"])], sink())
    assert EVERYTHING - shown(unseen(below, on=[SHOP])) == {"storage.objects.get"}
    assert shown(unseen(below, on=[f"{RM}folders/9", TOP])) == EVERYTHING - {"storage.objects.get"}


def test_what_is_left_out_above_is_left_out_below(tmp_path: Path) -> None:
    one = told(tmp_path, [config(exempt=["user:ann@corp.example"])], [config()], sink())
    assert shown(unseen(one, on=[SHOP])) == ADMIN_ACTIVITY


def test_a_public_bucket_is_not_logged(tmp_path: Path) -> None:
    uniform = {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}}
    bucket = asset("//storage.googleapis.com/open", "storage.googleapis.com/Bucket", resource={"data": uniform})
    closed = unseen(told(tmp_path / "c", [config()], (), sink(), bucket))
    assert shown(closed) == EVERYTHING
    public = bucket | {"iam_policy": policy(("roles/storage.objectViewer", ["allUsers"]))}
    found = unseen(told(tmp_path / "o", [config()], (), sink(), public))
    opened = {"storage.objects.get", "storage.objects.create", "storage.buckets.get"}
    assert EVERYTHING - shown(found) == opened
    assert "//storage.googleapis.com/open" in found["storage.objects.get"]
    elsewhere = unseen(told(tmp_path / "o2", [config()], (), sink(), public), on=[f"{RM}folders/9"])
    assert EVERYTHING - shown(elsewhere) == opened
    lists = asset("//storage.googleapis.com/lists", "storage.googleapis.com/Bucket", resource={"data": {}})
    assert "storage.objects.get" not in shown(unseen(told(tmp_path / "l", [config()], (), sink(), lists)))


def test_nothing_is_unused_without_files(tmp_path: Path) -> None:
    assert shown(unseen(told(tmp_path, [config()], (), sink()), [])) == set()


def test_a_file_of_gcloud_holds_no_log(tmp_path: Path) -> None:
    one = told(tmp_path, [config()], (), sink())
    assert shown(unseen(one, [Folder("/home/ann/read"), Folder("/home/ann/2026/11/01")])) == set()
    activity, data = (f"{ORG}/logs/cloudaudit.googleapis.com%2F{log}" for log in ("activity", "data_access"))
    stated = [Kept(log, who, "*", WINDOW.begin, NOW) for log in (activity, data) for who in (ORG, "folders/2", "shop")]
    assert shown(unseen(one, [], stated=stated)) == EVERYTHING
    assert shown(unseen(one, [], stated=[one for one in stated if one.account == ORG])) == set()
    own = [
        Kept(f"projects/shop/logs/{log.rpartition('/')[2]}", "shop", "*", WINDOW.begin, NOW) for log in (activity, data)
    ]
    # Nobody knows then whether those above switched logs on and off again.
    assert shown(unseen(one, [], stated=own, on=[SHOP])) == ALWAYS_ON


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
    assert shown(unseen(told(tmp_path, [config()], (), sink()), folders)) == ADMIN_ACTIVITY


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
    without = told(tmp_path / "b", [config()], (), *own)
    assert shown(unseen(without, files)) == shown(unseen(without, files, on=[SHOP])) == set()
    only = told(tmp_path / "c", [config()], (), project_sink)
    assert shown(unseen(only, files, on=[SHOP])) == ALWAYS_ON


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


def test_whose_the_caller_is_makes_no_difference(tmp_path: Path) -> None:
    one = told(tmp_path, [config()], (), sink())
    assert unseen(one, account="shop") == unseen(one, account="another") == unseen(one)


def test_of_two_trees_that_hold_a_project_the_larger_tells(tmp_path: Path) -> None:
    """Alone it does not know what is said above it."""
    whole = told(tmp_path / "a", [], [config()], sink())
    alone = ScopeTables("project", "shop", translated(tmp_path / "b", project()), time=NOW)
    both = Told(NOW, [*whole.scopes, alone])
    assert shown(unseen(both, on=[SHOP])) == EVERYTHING
    apart = asset(SHOP, "x", iam_policy=policy(("roles/viewer", ["user:a@b.c"])) | {"auditConfigs": [config()]})
    only = Told(NOW, [ScopeTables("project", "shop", translated(tmp_path / "c", project(), apart), time=NOW)])
    mine = [Kept(f"projects/shop/logs/cloudaudit.googleapis.com%2F{log}", "shop", "*", WINDOW.begin, NOW)
            for log in ("activity", "data_access")]  # fmt: skip
    found = unseen(only, [], stated=mine, on=[SHOP])
    assert shown(found) == {"storage.buckets.create"}
    assert "in folders/2, organizations/1 was not read" in found["storage.objects.get"]


def test_a_policy_that_was_set_in_the_window_hides_what_was_before(tmp_path: Path) -> None:
    """Between a call that may have switched logs off and on again, and the snapshot, only Admin Activity is sure."""
    one = told(tmp_path, [config()], (), sink())
    at = NOW - timedelta(days=10)
    found = unseen(one, altered=[Altered(f"{RM}{ORG}", ORG, at, at)])
    assert shown(found) == ALWAYS_ON
    assert "is known to record it since 2026-10-22" in found["storage.objects.get"]
    elsewhere = unseen(one, altered=[Altered(f"{RM}organizations/9", "organizations/9", at, at)])
    assert shown(elsewhere) == EVERYTHING
    here = [Altered(SHOP, "shop", at, at)]
    assert shown(unseen(one, altered=here, on=[SHOP])) == ALWAYS_ON
    assert shown(unseen(one, altered=[Altered(f"{RM}folders/2", "folders/2", at, at)], on=[SHOP])) == ALWAYS_ON
    assert shown(unseen(one, altered=here, on=["//x.googleapis.com/projects/9/y/z"])) == ALWAYS_ON
    assert shown(unseen(one, altered=here, on=[f"{RM}folders/2"])) == ALWAYS_ON


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

    for kind in DATA:
        if not tree(some).lacking("p", "storage.googleapis.com", kind):
            assert not tree(some | more).lacking("p", "storage.googleapis.com", kind)


def test_a_policy_that_was_not_read(tmp_path: Path) -> None:
    tables = translated(tmp_path, organization(), project(), sink())
    one = Told(NOW, [ScopeTables("organization", ORG, tables, time=NOW)])
    found = unseen(one)
    assert shown(found) == ADMIN_ACTIVITY
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
    assert NAMING.families("storage.objects.get") == ("storage.googleapis.com/* DATA_READ", "* DATA_READ")
    assert NAMING.families("unheard.things.get") == ()
