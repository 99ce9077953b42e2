from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_samples import collected, open_store, tables

from leastwise.errors import HomeLockedError, StorageFullError, StoreError, UsageError
from leastwise.store.database import connect, database_url, describe, reading
from leastwise.store.home import Home, default_home
from leastwise.store.lock import is_locked, writer_lock


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_is_private_and_whole(tmp_path):
    os.umask(0o022)
    home = Home(tmp_path / "a" / "b")
    assert mode(home.path) == 0o700
    assert {p.name: mode(p) for p in home.path.iterdir()} == dict.fromkeys(("raw", "lake", "snapshots", "tmp"), 0o700)
    store = open_store(home.path)
    assert mode(store.home.database) == 0o600


def test_a_home_open_to_others_is_closed(tmp_path):
    home = Home(tmp_path / "home")
    (home.path / "note.txt").touch()
    for path in (home.path, home.raw):
        path.chmod(0o755)
    Home(home.path)
    assert (mode(home.path), mode(home.raw)) == (0o700, 0o700)


def test_a_folder_of_other_things_is_not_closed_to_others(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work").chmod(0o755)
    (tmp_path / "work" / "thesis.txt").touch()
    with pytest.raises(StoreError, match=r"holds other files \(thesis.txt\)"):
        Home(tmp_path / "work")
    assert mode(tmp_path / "work") == 0o755


def test_a_file_is_no_home(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="is a file, not a folder"):
        Home(tmp_path / "file")
    with pytest.raises(StoreError, match="Not a directory"):
        Home(tmp_path / "file" / "below")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_no_home(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(StoreError, match="home folder"):
        Home(tmp_path / "closed" / "home")


def test_the_default_home_is_named_by_the_environment():
    assert default_home({"LEASTWISE_HOME": "/x/y"}) == Path("/x/y")
    assert default_home({}).name == "leastwise"


def test_a_second_writer_is_told_who_writes(tmp_path):
    home = Home(tmp_path / "home")
    code = (
        "import sys,time;from leastwise.store.home import Home;from leastwise.store.lock import writer_lock\n"
        "with writer_lock(Home(sys.argv[1]),'import of x'):\n print('held',flush=True);time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(home.path)], stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"held\n"
        assert is_locked(home)
        message = rf"process {other.pid} \(import of x, since 20.*Z\)"
        with pytest.raises(HomeLockedError, match=message) as caught, writer_lock(home, "second"):
            pass
        assert "\n" not in str(caught.value)
        assert open_store(home.path).list() == ()
    finally:
        other.kill()
        other.wait()
    with writer_lock(home, "after the death of the first"):
        assert is_locked(home)
    assert not is_locked(home)


def test_readers_see_whole_snapshots_while_one_writes(tmp_path):
    home = tmp_path / "home"
    open_store(home)
    writer = subprocess.Popen([sys.executable, "-c", "import commit_loop", str(home), "40"], cwd=Path(__file__).parent)
    store, seen, checks = open_store(home), 0, 0
    while writer.poll() is None:
        for manifest in store.estate().manifests:
            seen = max(seen, manifest.sequence)
            assert store.open(manifest).table("memberships").num_rows == 5
            assert len(list(store.open(manifest).raw_documents())) == 3
        checks += 1
        assert store.verify() == ()
        time.sleep(0.01)
    assert writer.returncode == 0
    assert len(store.list()) == 40
    assert checks > 3 and seen > 1


@pytest.mark.parametrize(
    "url",
    ["nonsense", "mysql://u:secret@h/d", "postgresql://u:secret@h:port/d", "postgresql://u:sec@ret@h/d", "sqlite://"],
)
def test_a_wrong_database_url_is_refused_without_showing_it(url):
    with pytest.raises(UsageError) as caught:
        connect(url)
    assert "sec" not in str(caught.value)


def test_a_password_stays_out_of_errors():
    engine = connect("postgresql://user:s%40crét@127.0.0.1:1/db?application_name=s%40crét")
    with pytest.raises(StoreError) as caught, reading(engine):
        pass
    assert "crét" not in str(caught.value) + repr(caught.value.__cause__) + describe(engine)
    assert "user:***@127.0.0.1:1/db" in str(caught.value)


def test_the_database_is_named_by_option_environment_or_home(tmp_path):
    home = Home(tmp_path / "home")
    assert database_url(home, {"LEASTWISE_DATABASE_URL": "b"}, "a") == "a"
    assert database_url(home, {"LEASTWISE_DATABASE_URL": "b"}) == "b"
    assert database_url(home, {}).endswith("/home/state.db")


def test_a_file_that_is_no_database_is_refused(tmp_path):
    home = Home(tmp_path / "home")
    home.database.write_text("not a database, but long enough to be read as one" * 99)
    with pytest.raises(StoreError, match="file is not a database"):
        open_store(home.path)


def test_importing_the_store_reads_and_writes_nothing(tmp_path):
    code = "import leastwise.store.snapshots, leastwise.store.migrate, sys; sys.exit('alembic' in sys.modules)"
    environ = {**os.environ, "LEASTWISE_HOME": str(tmp_path / "x")}
    assert subprocess.run([sys.executable, "-c", code], env=environ).returncode == 0
    assert not (tmp_path / "x").exists()


def _limited(limit: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import full_disk", str(home), limit],
        cwd=Path(__file__).parent, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("limit", ["raw", "table"])
def test_a_file_size_limit_keeps_nothing_of_the_commit(tmp_path, limit):
    done = _limited(limit, tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert "File too large; nothing of it was kept" in done.stdout


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs is not allowed here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_keeps_nothing_at_any_stage(small_disk):
    store = open_store(small_disk / "home")
    good = store.commit(collected(), tables(), "0.1", collected().time)
    filler, failures, committed = small_disk / "filler", 0, [good]
    free = os.statvfs(small_disk)
    room = free.f_bavail * free.f_frsize
    for left in range(0, 200_000, 8192):
        filler.write_bytes(b"x" * (room - left) if room > left else b"")
        taken = collected(text=f"t{left}", documents=150)
        try:
            committed.append(store.commit(taken, tables(str(left), 3000), "0.1", taken.time))
        except StorageFullError as error:
            failures += 1
            assert "\n" not in str(error)
        finally:
            filler.unlink()
        if len(committed) > 1:
            break
        assert store.list() == tuple(committed)
        assert list(store.home.tmp.iterdir()) == []
        assert store.verify() == ()
    assert failures > 3 and len(committed) == 2
    assert store.verify() == ()
    assert store.open(good).table("memberships").num_rows == 5


def test_parents_that_are_made_are_private_and_others_stay(tmp_path):
    os.umask(0o022)
    (tmp_path / "open").mkdir(mode=0o755)
    Home(tmp_path / "open" / "a" / "b" / "home")
    assert mode(tmp_path / "open") == 0o755
    assert [mode(tmp_path / "open" / part) for part in ("a", "a/b", "a/b/home")] == [0o700] * 3


def test_everything_in_a_home_is_private(tmp_path):
    before = os.umask(0o000)
    try:
        store = open_store(tmp_path / "home")
        store.commit(collected(), tables(), "0.1", collected().time)
        store.redaction_key()
    finally:
        os.umask(before)
    found = {store.home.relative(path): mode(path) for path in store.home.path.rglob("*")}
    assert {name: oct(one) for name, one in found.items() if one not in (0o600, 0o700)} == {}
    assert {"redaction.key", "home.id", "writer.lock", "snapshots/heads.json"} <= found.keys()


@pytest.mark.parametrize("option", ["", "  "])
def test_an_empty_database_option_is_refused(tmp_path, option):
    home = Home(tmp_path / "home")
    with pytest.raises(UsageError, match="--database: is empty"):
        database_url(home, {}, option)
    assert database_url(home, {"LEASTWISE_DATABASE_URL": ""}).endswith("state.db")
    assert default_home({"LEASTWISE_HOME": ""}) == default_home({})
