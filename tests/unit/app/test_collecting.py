"""Collections: the lock, and the journals that unfinished ones leave."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from leastwise.app import collecting
from leastwise.app.collecting import Failed, collect
from leastwise.app.wiring import Workspace
from leastwise.errors import HomeLockedError, InputError
from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.base import Collector, journal_name

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SCOPES = [Scope("aws", "account", str(n) * 12) for n in (1, 2, 3)]
BODY = b'{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[],"Policies":[]}'


def taken(scope: Scope, time: datetime = NOW) -> Collected:
    document = RawDocument(scope, "iam", "account_authorization_details", "a.json", BODY, "", time)
    return Collected(scope, time, (document,))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    found = Workspace(tmp_path / "home", environ={})
    real = found.provider("aws")

    def collected(keys: Any, run: Any) -> Any:
        for scope in SCOPES:
            if keys.get("fails") == scope.id:
                raise InputError("x", "network is gone")
            (run.folder / journal_name(scope)).touch(mode=0o600)
            yield taken(scope)
            (run.folder / journal_name(scope)).unlink()

    def nothing(*_: Any) -> Any:
        pytest.fail("only collecting was asked for")

    fake = replace(real, collector=Collector(collected, nothing, nothing, nothing))
    monkeypatch.setattr(found, "provider", lambda name: fake)
    return found


def test_each_scope_is_committed_as_it_comes(place):
    seen = []
    for one in collect(place, [{"provider": "aws"}]):
        seen.append(one.manifest.scope)
        assert [manifest.scope for manifest in place.store.estate().manifests] == seen
    assert seen == SCOPES
    assert place.store.verify() == ()


def test_a_source_that_fails_keeps_what_came_before(place):
    *good, failed = collect(place, [{"provider": "aws", "fails": SCOPES[2].id}])
    assert [one.manifest.scope for one in good] == SCOPES[:2]
    assert isinstance(failed, Failed) and "network is gone" in failed.cause


def test_a_second_collection_is_told_that_one_runs(place, tmp_path):
    running = collect(place, [{"provider": "aws"}])
    next(running)
    journal = place.home.collecting / journal_name(SCOPES[0])
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.home.collecting.stat().st_mode) == 0o700
    assert place.store.verify() == ()
    with pytest.raises(HomeLockedError, match="collection"):
        next(collect(Workspace(tmp_path / "home", environ={}), [{"provider": "aws"}]))
    list(running)


@pytest.mark.parametrize("resume", [False, True])
def test_journals_that_a_newer_snapshot_makes_useless_go_unless_resuming(place, resume):
    other, fresh = Scope("aws", "account", "8" * 12), Scope("aws", "account", "7" * 12)
    for scope in (other, fresh):
        collecting.commit(place, place.provider("aws"), [taken(scope)])
    folder = collecting._folder(place)
    names = {journal_name(other): -1, journal_name(fresh): 1, "aws-999999999999.journal": -1}
    for name, days in names.items():
        (folder / name).touch()
        os.utime(folder / name, ((NOW + timedelta(days=days)).timestamp(),) * 2)
    list(collect(place, [{"provider": "aws"}], resume=resume))
    stale = set() if resume else {journal_name(other)}
    assert {path.name for path in folder.iterdir()} == names.keys() - stale


def test_a_folder_that_cannot_be_made_is_one_line(place):
    place.home.collecting.touch()
    with pytest.raises(Exception, match=r"collecting in .*: File exists"):
        list(collect(place, [{"provider": "aws"}]))
