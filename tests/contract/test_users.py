"""Users, sessions, tokens, failures to sign in and the audit record, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from store_samples import NOW

from leastwise.errors import IntegrityError, NotFoundError, UsageError
from leastwise.store.audit import Audit, Entry
from leastwise.store.pins import broken_seals
from leastwise.store.sessions import Session, Sessions, Token, Tokens, digest
from leastwise.store.throttle import BUCKETS, Limit, Throttle
from leastwise.store.users import CLAIM, GIVEN, LOCAL, Duties, User, Users

ENTRY = Entry(NOW, "ann", "test")
ADMIN = Duties(GIVEN, "admin", "*")


def user(id="1", name="ann", *duties, active=True):
    return User(id, LOCAL, name, name, "a hash", active, NOW, duties)


def session(user_id, secret="s"):
    return Session(digest(secret), user_id, NOW, NOW, NOW + timedelta(hours=1))


def token(id, user_id):
    return Token(id, user_id, "lw_abc", "ci", frozenset({"see"}), frozenset({"aws:1", "*"}), NOW, NOW)


def test_users_are_read_back_with_their_duties(engine):
    users = Users(engine)
    ann = user("1", "ann", Duties(CLAIM, "viewer", "*"), ADMIN, Duties(GIVEN, "viewer", "aws:1"))
    users.add(ann, ENTRY)
    users.add(user("2", "bob"), ENTRY)
    assert [one.name for one in users.all()] == ["ann", "bob"]
    assert users.get("1") == ann == users.find(LOCAL, "ann")
    assert users.find("https://issuer", "ann") is None
    with pytest.raises(UsageError, match="there is one of that name"):
        users.add(user("3", "ann"), ENTRY)
    with pytest.raises(NotFoundError):
        users.get("9")
    assert len(Audit(engine).page(None, 10)) == 2, "what was refused by the table is not on record as done"


def test_of_two_first_admins_one_is_made(engine):
    users = Users(engine)

    def first(number):
        try:
            users.add(user(str(number), f"u{number}", ADMIN), ENTRY, only_first="admin")
        except UsageError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(first, range(4))) == [False, False, False, True]
    assert users.anybody("admin") and len(users.all()) == 1


def test_duties_of_one_source_are_renewed_and_the_others_stay(engine):
    users = Users(engine)
    users.add(user("1", "ann", ADMIN, Duties(CLAIM, "viewer", "*")), ENTRY)
    before = users.change("1", ENTRY, duties=(CLAIM, [Duties(CLAIM, "analyst", "gcp:*")]), name="Ann")
    assert before.duties == (Duties(CLAIM, "viewer", "*"), ADMIN)
    assert users.get("1").duties == (Duties(CLAIM, "analyst", "gcp:*"), ADMIN)
    assert users.get("1").name == "Ann"


@pytest.mark.parametrize("how", ["deactivated", "duties", "removed"])
def test_the_last_admin_stays(engine, how):
    users = Users(engine)
    users.add(user("1", "ann", ADMIN), ENTRY)
    users.add(user("2", "bob", ADMIN, active=False), ENTRY)

    def act():
        if how == "removed":
            users.remove("1", ENTRY, always="admin")
        elif how == "duties":
            users.change("1", ENTRY, duties=(GIVEN, ()), always="admin")
        else:
            users.change("1", ENTRY, active=False, always="admin")

    with pytest.raises(UsageError, match="nobody would be admin"):
        act()
    assert users.get("1").active and users.get("1").duties == (ADMIN,)
    users.change("2", ENTRY, active=True)
    act()
    assert Audit(engine).faults() == []


def test_who_is_deactivated_loses_sessions_and_tokens_at_once(engine):
    users, sessions, tokens = Users(engine), Sessions(engine), Tokens(engine)
    for id, name in (("1", "ann"), ("2", "bob")):
        users.add(user(id, name), ENTRY)
        sessions.begin(session(id, f"of {name}"), ENTRY)
        tokens.add(token(id, id), digest(f"token of {name}"), ENTRY)
    users.change("1", ENTRY, active=False)
    users.change("1", ENTRY, active=True)
    assert sessions.find(digest("of ann")) is None and tokens.find(digest("token of ann")) is None
    assert sessions.find(digest("of bob"))[1].name == "bob"
    assert tokens.find(digest("token of bob"))[0].places == {"aws:1", "*"}
    users.remove("2", ENTRY)
    assert sessions.find(digest("of bob")) is None and tokens.find(digest("token of bob")) is None


def test_another_password_ends_every_session_but_one(engine):
    users, sessions = Users(engine), Sessions(engine)
    users.add(user(), ENTRY)
    for secret in "abc":
        sessions.begin(session("1", secret), ENTRY)
    users.change("1", ENTRY, password="other", keep_session=digest("b"))
    assert [sessions.find(digest(secret)) is None for secret in "abc"] == [True, False, True]


def test_sessions_that_are_over_go_when_another_begins(engine):
    users, sessions = Users(engine), Sessions(engine)
    users.add(user(), ENTRY)
    sessions.begin(Session(digest("old"), "1", NOW, NOW, NOW), ENTRY)
    sessions.begin(session("1"), ENTRY)
    assert sessions.find(digest("old")) is None
    sessions.see(digest("s"), NOW + timedelta(minutes=5))
    assert sessions.find(digest("s"))[0].seen == NOW + timedelta(minutes=5)
    sessions.end(digest("s"), ENTRY)
    assert sessions.find(digest("s")) is None


def test_tokens_are_revoked_by_their_owner_only(engine):
    Users(engine).add(user(), ENTRY)
    tokens = Tokens(engine)
    tokens.add(token("t", "1"), digest("x"), ENTRY)
    tokens.use("t", NOW)
    assert tokens.of("1")[0].used == NOW
    with pytest.raises(NotFoundError):
        tokens.revoke("2", "t", ENTRY)
    tokens.revoke("1", "t", ENTRY)
    assert tokens.of("1") == ()


def test_the_throttle_lets_in_a_burst_and_then_one_at_a_time(engine):
    throttle, limit = Throttle(engine), Limit("name", 3, 10)
    asked = [(limit, "ann")]
    assert [throttle.take(asked, NOW) for _ in range(4)] == [0, 0, 0, 10]
    assert throttle.wait(asked, NOW + timedelta(seconds=9)) == 1
    assert throttle.take([(limit, "bob")], NOW) == 0
    later = NOW + timedelta(seconds=10)
    assert [throttle.take(asked, later) for _ in range(2)] == [0, 10]
    throttle.give_back(asked)
    assert throttle.take(asked, later) == 0
    assert throttle.take(asked, NOW + timedelta(days=1)) == 0


def test_of_many_at_once_only_the_burst_is_let_in(engine):
    throttle, limit = Throttle(engine), Limit("name", 5, 10)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: throttle.take([(limit, "ann")], NOW), range(24)))
    assert waits.count(0) == 5


def test_names_share_so_many_rows_and_no_more():
    limit = Limit("name", 3, 10)
    keys = {limit.key(f"u{number}") for number in range(BUCKETS * 3)}
    assert len(keys) <= BUCKETS and max(map(len, keys)) <= 40


def filled(engine, rows=5):
    audit = Audit(engine)
    for number in range(rows):
        audit.append(Entry(NOW, f"u{number % 2}", "sign in", "\u00e9\0\ud800" * 200, "refused", {"n": number}))
    return audit


def test_the_record_is_read_back_newest_first(engine):
    audit = filled(engine)
    assert [one["detail"]["n"] for one in audit.page(None, 3)] == [4, 3, 2]
    assert [one["detail"]["n"] for one in audit.page(3, 9, actor="u0")] == [0]
    assert audit.page(None, 9, action="other") == []
    assert len(audit.page(None, 1)[0]["subject"]) == 300
    assert audit.faults() == [] and broken_seals(engine) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE sequence = 3", "row 3: was changed"),
        ("DELETE FROM audit WHERE sequence = 3", "row 4: follows row 2"),
        ("DELETE FROM audit WHERE sequence = 1", "row 2: follows row 0"),
        ("DELETE FROM audit WHERE sequence > 3", "rows are missing at the end: row 5 was the newest, and 3 is"),
        ("DELETE FROM audit", "rows are missing at the end"),
        ("DELETE FROM pins WHERE name = 'audit_head'", "the newest row is not pinned"),
        ("UPDATE audit SET previous = '' WHERE sequence = 2", "row 2: is not linked"),
    ],
)
def test_what_was_done_to_the_record_is_found(engine, change, fault):
    audit = filled(engine)
    with engine.begin() as connection:
        connection.execute(text(change))
    assert audit.faults()[0].startswith(fault)


def test_nothing_is_appended_to_a_record_that_was_cut(engine):
    audit = filled(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE sequence > 3"))
    with pytest.raises(IntegrityError, match="newest rows are not as they were written"):
        audit.append(ENTRY)


def test_a_change_that_fails_leaves_neither_row_nor_record(engine):
    audit = Audit(engine)
    with pytest.raises(ZeroDivisionError), audit.recording(ENTRY) as connection:
        connection.execute(text("DELETE FROM pins"))
        raise ZeroDivisionError
    assert audit.page(None, 9) == []


def test_many_writers_make_one_chain(engine):
    audit = Audit(engine)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: audit.append(Entry(NOW, f"u{n}", "test")), range(24)))
    assert [one["sequence"] for one in audit.page(None, 99)] == list(range(24, 0, -1))
    assert audit.faults() == []
