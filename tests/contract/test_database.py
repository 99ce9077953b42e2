from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from store_samples import NOW

from leastwise.errors import NotFoundError, StoreError, UsageError
from leastwise.model.finding import Mute
from leastwise.store import migrate
from leastwise.store.clock import to_text
from leastwise.store.database import connect
from leastwise.store.mutes import Mutes
from leastwise.store.pins import broken_seals
from leastwise.store.schema import METADATA, REVISIONS
from leastwise.store.settings import SETTINGS, Settings, parse_setting


def test_migrations_lead_to_the_declared_schema(engine):
    from alembic.autogenerate import compare_metadata

    with engine.connect() as connection:
        assert migrate.revision(connection) == REVISIONS[-1]
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    config = Config()
    config.set_main_option("script_location", "leastwise.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert [r.revision for r in scripts.walk_revisions()][::-1] == list(REVISIONS)


def test_a_current_database_is_left_alone(engine):
    assert migrate.upgrade(engine) is False


def test_two_first_commands_migrate_once(url):
    start = threading.Barrier(8)

    def first_command(_):
        start.wait()
        return migrate.upgrade(connect(url))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(first_command, range(8))) == [False] * 7 + [True]


def test_a_newer_database_is_refused_in_one_line(engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"written by a newer Leastwise \(schema 9999") as caught:
        migrate.upgrade(engine)
    assert "\n" not in str(caught.value)


def test_mutes_are_kept_until_they_end(engine):
    mutes = Mutes(engine)
    short = Mute("a" * 16, "known; \u00e9", "ann", NOW, NOW + timedelta(days=1))
    endless = Mute("b" * 16, "test", "bob", NOW, None)
    mutes.add(short)
    mutes.add(endless)
    assert mutes.active(NOW) == {short.key: short, endless.key: endless}
    assert mutes.active(NOW + timedelta(days=1)) == {endless.key: endless}
    mutes.add(Mute(short.key, "again", "ann", NOW, None))
    assert [m.reason for m in mutes.all()] == ["again", "test"]
    mutes.remove(short.key)
    assert mutes.all() == (endless,)
    with pytest.raises(NotFoundError, match="is not muted"):
        mutes.remove(short.key)


@pytest.mark.parametrize(
    ("name", "text_", "value"),
    [
        ("retention_days", "30", 30),
        ("retention_days", "none", None),
        ("retention_last", "5", 5),
        ("legal_hold", "*", ["*"]),
        ("legal_hold", "aws:2, aws:1", ["aws:1", "aws:2"]),
        ("legal_hold", '["aws:1"]', ["aws:1"]),
        ("legal_hold", "none", []),
    ],
)
def test_settings_are_read_back(engine, name, text_, value):
    settings = Settings(engine)
    settings.set(name, parse_setting(name, text_))
    assert settings.get(name) == value
    assert settings.all().keys() == SETTINGS.keys()


@pytest.mark.parametrize(
    ("name", "text_"),
    [("retention_days", "0"), ("retention_days", "soon"), ("retention_days", "true"), ("legal_hold", "aws"),
     ("legal_hold", "7"), ("colour", "1")],
)  # fmt: skip
def test_a_wrong_setting_is_refused(name, text_):
    with pytest.raises(UsageError, match=f"setting {name}"):
        parse_setting(name, text_)


def test_an_unknown_setting_names_the_known_ones(engine):
    with pytest.raises(
        UsageError, match="code_host, code_host_url, legal_hold, proposals_per_owner, retention_days, retention_last"
    ):
        Settings(engine).set("colour", 1)


def test_a_database_of_the_first_revision_is_upgraded_with_what_it_holds(url):
    engine = connect(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "leastwise.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO settings VALUES ('retention_days', '30')"))
        connection.execute(text(f"INSERT INTO mutes VALUES ('{'a' * 16}', 'r', 'ann', '{to_text(NOW)}', NULL)"))
    assert migrate.upgrade(engine) is True
    assert Settings(engine).get("retention_days") == 30
    assert [one.key for one in Mutes(engine).all()] == ["a" * 16]
    assert broken_seals(engine) == []
    with engine.begin() as connection:
        connection.execute(text("UPDATE settings SET value = '31'"))
    assert broken_seals(engine) == [("settings", "its rows are not as they were written")]


def test_changes_at_the_same_time_leave_sound_seals(engine):
    mutes = Mutes(engine)

    def work(letter):
        for number in range(8):
            mutes.add(Mute(f"{letter}{number}", "r", "ann", NOW, None))

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mutes.all()) == 24
    assert broken_seals(engine) == []
