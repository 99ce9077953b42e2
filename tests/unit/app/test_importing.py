"""Imports of several scopes: all or nothing; private files; times that lie in the future; the redaction key."""

from __future__ import annotations

import json
import os
import random
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes.nursery import nursery
from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
from leastwise.errors import HomeLockedError, InputError, StorageFullError, StoreError, UsageError

ACCOUNTS = tuple(str(n) * 12 for n in range(1, 6))
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def exports(folder: Path, accounts: tuple[str, ...] = ACCOUNTS, users: int = 20, seed: int = 0) -> Path:
    chosen = random.Random(seed)
    for account in accounts:
        entries = [
            {"Arn": f"arn:aws:iam::{account}:user/u{n}", "UserName": f"u{n}", "UserId": chosen.randbytes(40).hex()}
            for n in range(users)
        ]
        details = {"UserDetailList": entries, "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
        (folder / account).mkdir(parents=True, exist_ok=True)
        (folder / account / "account-authorization-details.json").write_text(json.dumps(details))
    return folder


def workspace(home: Path) -> Workspace:
    return Workspace(home, environ={})


def test_every_scope_of_an_import_is_there_at_once(tmp_path):
    place = workspace(tmp_path / "home")
    found = import_paths(place, [exports(tmp_path / "in")])
    assert [(one.manifest.scope.id, one.new, one.rows["principals"]) for one in found] == [
        (account, True, 21) for account in ACCOUNTS
    ]
    assert [one.new for one in import_paths(place, [tmp_path / "in"])] == [False] * 5
    assert place.store.verify() == ()


def test_a_scope_that_cannot_be_translated_takes_the_others_with_it(tmp_path, monkeypatch):
    place = workspace(tmp_path / "home")
    good = import_paths(place, [exports(tmp_path / "in")], NOW)
    source = place.provider("aws")

    def translate(collected):
        if collected.scope.id == ACCOUNTS[3]:
            raise InputError("x", "cannot be translated")
        return source.translate(collected)

    broken = replace(source, translate=translate)
    monkeypatch.setattr(place, "provider", lambda name: broken)
    with pytest.raises(InputError):
        import_paths(place, [tmp_path / "in"], NOW + timedelta(days=1), "aws")
    assert place.store.list() == tuple(one.manifest for one in good)
    assert place.store.verify() == ()


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs is not allowed here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_too_small_for_all_scopes_keeps_none(small_disk, tmp_path):
    place = workspace(small_disk / "home")
    with pytest.raises(StorageFullError, match="nothing of it was kept"):
        import_paths(place, [exports(tmp_path / "big", users=6000)])
    assert place.store.list() == ()
    assert [path.name for path in place.home.snapshots.iterdir()] == ["heads.json"]
    assert list(place.home.raw.iterdir()) == []
    assert place.store.verify() == ()
    assert len(import_paths(place, [exports(tmp_path / "one", ACCOUNTS[:1])])) == 1


LOOP = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
place = Workspace(Path(sys.argv[1]), environ={})
for number in range(500):
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=len(place.store.list()))
    import_paths(place, [Path(sys.argv[2])], start, replace_all=True)
    print("done", flush=True)
"""


@pytest.mark.slow
def test_an_import_killed_at_any_moment_leaves_an_estate_of_one_time(tmp_path):
    folder, home, chosen = exports(tmp_path / "in", users=2), tmp_path / "home", random.Random(1)
    with nursery(tmp_path / "nursery", "leastwise.app.importing", "leastwise.app.wiring") as writers:
        for _ in range(6):
            writer = writers.begin(LOOP, str(home), str(folder))
            assert writer.stdout.readline() == "done\n"
            time.sleep(chosen.random() * 0.4)
            writer.kill()
            writer.wait()
            store = workspace(home).store
            assert len({one.time for one in store.estate().manifests}) == 1
            assert len(store.list()) % len(ACCOUNTS) == 0
            with store.writing("repair"):
                pass
            assert store.verify() == ()


def test_a_time_in_the_future_is_refused_by_name(tmp_path):
    place = workspace(tmp_path / "home")
    folder = exports(tmp_path / "in")
    with pytest.raises(UsageError, match=r"--taken: .* lies in the future"):
        import_paths(place, [folder], datetime.now(UTC) + timedelta(days=1, minutes=1))
    late = folder / ACCOUNTS[2] / "account-authorization-details.json"
    os.utime(late, (time.time() + 90_000,) * 2)
    with pytest.raises(UsageError, match=f"{late}.* in the future.*--taken"):
        import_paths(place, [folder])
    assert place.store.list() == ()
    assert len(import_paths(place, [folder], datetime.now(UTC) + timedelta(hours=23))) == 5


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_cut_redaction_key_stops_an_import(tmp_path, content):
    place = workspace(tmp_path / "home")
    (place.home.path / "redaction.key").write_bytes(content)
    with pytest.raises(StoreError, match=r"redaction.key: .* instead of 32"):
        import_paths(place, [exports(tmp_path / "in")])
    assert place.store.list() == ()


def test_first_imports_at_the_same_time_agree_on_the_key(tmp_path):
    folder, home = exports(tmp_path / "in", ACCOUNTS[:1]), tmp_path / "home"
    code = "import sys; from pathlib import Path; from leastwise.app.importing import import_paths as i\n"
    code += (
        "from leastwise.app.wiring import Workspace; i(Workspace(Path(sys.argv[1]), environ={}), [Path(sys.argv[2])])"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, home, folder], stderr=subprocess.PIPE) for _ in range(3)]
    errors = [one.communicate()[1].decode() for one in runs]
    assert all(not error or HomeLockedError.__name__ in error for error in errors)
    assert any(not error for error in errors)
    assert workspace(home).store.verify() == ()
    assert (home / "redaction.key").stat().st_size == 32


def test_another_home_may_not_even_read(tmp_path):
    first = workspace(tmp_path / "home")
    import_paths(first, [exports(tmp_path / "in")])
    other = Workspace(tmp_path / "other", f"sqlite:///{first.home.database}", {})
    with pytest.raises(StoreError, match="this database belongs to home"):
        _ = other.store
    with pytest.raises(StoreError, match="this database belongs to home"):
        _ = other.settings


def test_everything_an_import_writes_is_private(tmp_path):
    before = os.umask(0o000)
    try:
        place = workspace(tmp_path / "home")
        import_paths(place, [exports(tmp_path / "in")])
    finally:
        os.umask(before)
    modes = {str(one): stat.S_IMODE(one.stat().st_mode) for one in place.home.path.rglob("*")}
    assert {name for name, mode in modes.items() if mode & 0o077} == set()
    assert len(modes) > 50
