"""Signing in by password, sessions, forged requests, throttling; each on record."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from signing import PASSWORD, Signing, add, record

from leastwise.app import passwords
from leastwise.errors import UsageError
from leastwise.store.throttle import Throttle
from leastwise.store.users import Users


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    """Hashes that take no time; one test makes a real one."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def server(tmp_path):
    return Signing(tmp_path / "home")


def cause(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def test_the_first_admin_is_made_once_by_the_token_that_was_printed(server):
    client = server.browser()
    state = client.get("/api/v1/session").json()
    assert state == {"signed_in": False, "name": "", "csrf": None, "set_up": True, "ways": ["password"]}
    body = {"token": "x", "name": "ann", "password": PASSWORD}
    assert cause(client.post("/api/v1/session/setup", json=body)) == (401, "sign-in")
    assert cause(client.post("/api/v1/session/setup", json=body | {"password": "short"})) == (401, "sign-in")
    assert cause(client.post("/api/v1/session/setup", json=body | {"token": server.token, "password": "short"})) == (
        400, "usage",
    )  # fmt: skip
    admin = server.admin()
    assert admin.get("/api/v1/me").json()["duties"] == [{"duty": "admin", "sight": ["*"]}]
    assert client.get("/api/v1/session").json()["set_up"] is False
    again = {"token": server.token, "name": "eve", "password": PASSWORD}
    assert cause(client.post("/api/v1/session/setup", json=again)) == (401, "sign-in")
    assert [one["name"] for one in admin.get("/api/v1/users").json()["items"]] == ["Admin"]
    assert record(admin) == [
        ("", "set up", "eve", "refused"),
        ("Admin", "sign in", "Admin", "done"),
        ("", "user added", "Admin", "done"),
        ("", "set up", "ann", "refused"),
        ("", "set up", "ann", "refused"),
    ]


def test_a_password_lets_in_and_what_is_wrong_is_not_told(server):
    admin = server.admin()
    bob = add(admin, "Bob", {"viewer": ["*"]})
    client = server.signed_in(" bob ")
    assert client.get("/api/v1/me").json()["name"] == "Bob"
    tried = [
        ("bob", "wrong password!"),
        ("nobody", PASSWORD),
        ("bob", ""),
        ("bob", "x" * 1024),
        ("b\u00f6b", "x"),
    ]
    answers = [server.browser().post("/api/v1/session", json={"name": n, "password": p}) for n, p in tried]
    admin.put(f"/api/v1/users/{bob['id']}", json={"active": False})
    answers.append(server.browser().post("/api/v1/session", json={"name": "bob", "password": PASSWORD}))
    assert {cause(one) for one in answers} == {(401, "sign-in")}
    assert len({one.json()["detail"] for one in answers}) == 1
    rows = admin.get("/api/v1/audit", params={"action": "sign in"}).json()["items"]
    told = [one["detail"].get("cause") for one in rows if one["outcome"] == "refused"]
    assert told == ["not active", "unknown name", "wrong password", "wrong password", "unknown name", "wrong password"]
    assert PASSWORD not in str(rows)


def test_the_cookie_is_for_no_script_and_no_other_site(server, tmp_path):
    admin = server.browser()
    body = {"token": server.token, "name": "ann", "password": PASSWORD}
    told = admin.post("/api/v1/session/setup", json=body).headers["set-cookie"]
    assert told.startswith("leastwise=") and "HttpOnly" in told and "SameSite=lax" in told and "Secure" not in told
    public = Signing(tmp_path / "public", base="https://leastwise.example")
    body["token"] = public.token
    answer = public.browser().post("/api/v1/session/setup", json=body)
    told = answer.headers["set-cookie"]
    assert told.startswith("__Host-leastwise=") and "; Secure" in told and "Path=/" in told and "Domain" not in told
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    stored = (tmp_path / "public" / "state.db").read_bytes()
    assert told.partition("=")[2].partition(";")[0].encode() not in stored, "only the hash is kept"


def test_sessions_end_when_idle_when_old_and_when_signed_out(server):
    server.admin()
    for spans, alive in (
        ([{"minutes": 59}], True), ([{"minutes": 61}], False), ([{"minutes": 50}] * 4, True),
        ([{"minutes": 50}] * 15, False),
    ):  # fmt: skip
        client = server.signed_in("admin")
        for span in spans:
            server.later(**span)
            answer = client.get("/api/v1/me")
        assert (answer.status_code == 200) is alive, spans
    client = server.signed_in("admin")
    cookie = dict(client.cookies)
    assert client.delete("/api/v1/session").json() == {"sign_out": None}
    stolen = server.browser()
    stolen.cookies.update(cookie)
    assert cause(stolen.get("/api/v1/me")) == (401, "sign-in")
    assert stolen.get("/api/v1/session").json()["signed_in"] is False


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201), ({"X-CSRF-Token": ""}, 403), ({"X-CSRF-Token": "0" * 64}, 403),
        ({"X-CSRF-Token": "\u00e9"}, 403), ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "http://localhost:8765"}, 201), ({"Origin": "http://127.0.0.1:8765.evil.example"}, 403),
    ],
)  # fmt: skip
def test_a_change_that_another_page_sends_is_refused(server, headers, status):
    admin = server.admin()
    body = {"name": "bob", "password": PASSWORD, "duties": {}}
    encoded = {name: value.encode() for name, value in headers.items()}
    assert admin.post("/api/v1/users", json=body, headers=encoded).status_code == status
    assert len(admin.get("/api/v1/users").json()["items"]) == 1 + (status == 201)


def test_a_change_without_an_origin_or_of_another_session_is_refused(server):
    admin, other = server.admin(), server.signed_in("admin")
    body = {"name": "bob", "password": PASSWORD, "duties": {}}
    assert (
        admin.post("/api/v1/users", json=body, headers={"X-CSRF-Token": other.headers["X-CSRF-Token"]}).status_code
        == 403
    )
    del admin.headers["Origin"]
    assert admin.post("/api/v1/users", json=body).status_code == 403


def test_another_page_signs_nobody_in(server):
    server.admin()
    client = server.browser()
    body = {"name": "admin", "password": PASSWORD}
    answer = client.post("/api/v1/session", json=body, headers={"Origin": "https://evil.example"})
    assert cause(answer) == (403, "refused") and "set-cookie" not in answer.headers


def test_ten_failures_of_a_name_and_then_one_every_half_minute(server):
    server.admin()
    body = {"name": "admin", "password": "wrong password!"}
    tries = [server.browser().post("/api/v1/session", json=body) for _ in range(12)]
    assert [one.status_code for one in tries] == [401] * 10 + [429] * 2
    assert 0 < int(tries[-1].headers["retry-after"]) <= 30
    right = server.browser().post("/api/v1/session", json={"name": "ADMIN ", "password": PASSWORD})
    assert right.status_code == 429, "also with the right password, or guessing would go on"
    server.later(seconds=30)
    client = server.signed_in("admin")
    rows = client.get("/api/v1/audit", params={"action": "sign in"}).json()["items"]
    assert [one["detail"].get("throttled", False) for one in rows[1:11]] == [True, *[False] * 9]


def test_fifty_failures_from_an_address_whatever_the_names(server):
    server.admin()
    tries = [
        server.browser().post("/api/v1/session", json={"name": f"u{number}", "password": "x"}).status_code
        for number in range(52)
    ]
    assert tries == [401] * 50 + [429] * 2


def test_many_bad_sign_ins_leave_few_rows(server, monkeypatch):
    admin = server.admin()
    monkeypatch.setattr(passwords, "fits", lambda stored, given: False)
    client = server.browser()
    for number in range(400):
        client.post("/api/v1/session", json={"name": f"u{number}", "password": "x"})
    rows = Throttle(server.workspace.engine).rows()
    assert rows <= 53
    assert len(admin.get("/api/v1/audit", params={"limit": 1000}).json()["items"]) <= 55
    assert admin.get("/api/v1/audit/verify").json() == {"ok": True, "faults": []}


def test_who_signs_in_well_is_not_counted(server):
    server.admin()
    for _ in range(15):
        server.signed_in("admin")


def test_ones_own_password(server):
    admin = server.admin()
    add(admin, "bob", {"viewer": ["*"]})
    one, other = server.signed_in("bob"), server.signed_in("bob")
    new = "staple of another kind"
    assert cause(one.put("/api/v1/me/password", json={"old": "wrong", "new": new})) == (403, "refused")
    assert cause(one.put("/api/v1/me/password", json={"old": PASSWORD, "new": "short"})) == (400, "usage")
    assert one.put("/api/v1/me/password", json={"old": PASSWORD, "new": new}).status_code == 204
    assert one.get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401, "every other session ends at once"
    assert server.browser().post("/api/v1/session", json={"name": "bob", "password": PASSWORD}).status_code == 401
    server.signed_in("bob", new)
    tries = [one.put("/api/v1/me/password", json={"old": "wrong", "new": new}).status_code for _ in range(12)]
    assert tries[-1] == 429
    assert record(admin, action="password changed", actor="bob")[-2:] == [
        ("bob", "password changed", "bob", "done"), ("bob", "password changed", "bob", "refused"),
    ]  # fmt: skip


def test_an_admin_gives_another_password_and_takes_duties_at_once(server):
    admin = server.admin()
    bob = add(admin, "bob", {"viewer": ["*"], "auditor": ["*"]})
    client = server.signed_in("bob")
    assert client.get("/api/v1/audit").status_code == 200
    admin.put(f"/api/v1/users/{bob['id']}", json={"duties": {"viewer": ["aws:1"]}})
    assert cause(client.get("/api/v1/audit")) == (403, "refused")
    assert client.get("/api/v1/me").json()["duties"] == [{"duty": "viewer", "sight": ["aws:1"]}]
    assert record(admin, actor="bob")[0] == ("bob", "refused", "/api/v1/audit", "refused")
    admin.put(f"/api/v1/users/{bob['id']}", json={"password": "given by the admin"})
    assert client.get("/api/v1/me").status_code == 401
    server.signed_in("bob", "given by the admin")
    assert admin.delete(f"/api/v1/users/{bob['id']}").status_code == 204
    assert cause(admin.get(f"/api/v1/users/{bob['id']}")) == (404, "not-found")


def test_the_last_admin_stays(server):
    admin = server.admin()
    me = admin.get("/api/v1/me").json()["user"]
    for answer in (
        admin.put(f"/api/v1/users/{me}", json={"active": False}),
        admin.put(f"/api/v1/users/{me}", json={"duties": {"admin": ["aws:1"]}}),
        admin.delete(f"/api/v1/users/{me}"),
    ):
        assert cause(answer) == (400, "usage") and "nobody would be admin" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "bob", "password": "short", "duties": {}}, {"name": "  ", "password": PASSWORD, "duties": {}},
        {"name": "b\nb", "password": PASSWORD, "duties": {}}, {"name": "bob", "password": "a" * 20, "duties": {}},
        {"name": "Correct horse battery", "password": PASSWORD, "duties": {}},
        {"name": "bob", "password": PASSWORD, "duties": {"viewer": []}},
        {"name": "bob", "password": PASSWORD, "duties": {"viewer": ["everything"]}},
        {"name": "admin", "password": PASSWORD, "duties": {}},
    ],
)  # fmt: skip
def test_a_user_that_is_none_is_refused(server, body):
    answer = server.admin().post("/api/v1/users", json=body)
    assert cause(answer) == (400, "usage") and "\n" not in answer.json()["detail"]


def test_tokens_are_narrower_than_their_owner_and_end_at_once(server):
    admin = server.admin()
    bob = add(admin, "bob", {"analyst": ["aws:*"], "auditor": ["*"]})
    client = server.signed_in("bob")
    asked = {"name": "ci", "rights": ["see", "audit"], "places": ["aws:1"], "days": 2}
    made = client.post("/api/v1/tokens", json=asked).json()
    assert made["secret"].startswith(made["prefix"]) and made["secret"] != made["prefix"]
    assert "secret" not in client.get("/api/v1/tokens").text
    token = server.bearer(made["secret"])
    assert token.get("/api/v1/estate").status_code == 200
    assert cause(token.get("/api/v1/audit")) == (403, "refused"), "the record is of no account"
    assert cause(token.get("/api/v1/me")) == (403, "refused")
    for rights in (["users"], ["anyone"], ["approve"]):
        assert cause(client.post("/api/v1/tokens", json=asked | {"rights": rights})) == (400, "usage")
    whole = client.post("/api/v1/tokens", json=asked | {"rights": ["own", "audit"], "places": ["*"]}).json()
    owning = server.bearer(whole["secret"])
    assert owning.get("/api/v1/me").json()["rights"] == ["anyone", "own", "audit"]
    assert cause(owning.post("/api/v1/tokens", json=asked)) == (403, "refused"), "a token makes no tokens"
    assert cause(owning.put("/api/v1/me/password", json={"old": "a", "new": "b"})) == (403, "refused")
    assert cause(owning.delete("/api/v1/session")) == (403, "refused")
    admin.put(f"/api/v1/users/{bob['id']}", json={"duties": {"viewer": ["*"]}})
    assert cause(owning.get("/api/v1/audit")) == (403, "refused"), "what its owner no longer has, it has not"
    assert [one["used"] is None for one in client.get("/api/v1/tokens").json()["items"]] == [False, False]
    assert client.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert cause(token.get("/api/v1/estate")) == (401, "sign-in")
    assert cause(admin.delete(f"/api/v1/tokens/{whole['id']}")) == (404, "not-found"), "of another"
    assert admin.get(f"/api/v1/users/{bob['id']}/tokens").json()["items"][0]["id"] == whole["id"]
    assert admin.delete(f"/api/v1/users/{bob['id']}/tokens/{whole['id']}").status_code == 204
    assert owning.get("/api/v1/me").status_code == 401


def test_tokens_expire_and_end_with_their_owner(server):
    admin = server.admin()
    bob = add(admin, "bob", {"viewer": ["*"]})
    client = server.signed_in("bob")
    asked = {"name": "ci", "rights": ["see"], "days": 1}
    first, second = (
        server.bearer(client.post("/api/v1/tokens", json=asked | {"days": n}).json()["secret"]) for n in (1, 9)
    )
    server.later(days=1)
    assert (first.get("/api/v1/estate").status_code, second.get("/api/v1/estate").status_code) == (401, 200)
    server.signed_in("admin").put(f"/api/v1/users/{bob['id']}", json={"active": False})
    assert second.get("/api/v1/estate").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer ")], [("Authorization", "Bearer lw_none")], [("Authorization", "Basic YTpi")],
        [("Authorization", "Bearer \u00e9".encode())], [("Authorization", "Bearer a"), ("Authorization", "Bearer b")],
    ],
)  # fmt: skip
def test_a_token_that_is_none_does_not_fall_back_to_the_session(server, headers):
    assert cause(server.admin().get("/api/v1/me", headers=headers)) == (401, "sign-in")


def test_settings_are_changed_on_record(server):
    admin = server.admin()
    done = admin.put("/api/v1/settings", json={"name": "retention_days", "value": "30"}).json()
    assert {"retention_days": 30}.items() <= {one["name"]: one["value"] for one in done["items"]}.items()
    assert cause(admin.put("/api/v1/settings", json={"name": "colour", "value": "red"})) == (400, "usage")
    assert record(admin)[0] == ("Admin", "setting changed", "retention_days", "done")


def test_the_record_is_read_page_by_page(server):
    admin = server.admin()
    for number in range(5):
        add(admin, f"u{number}", {})
    first = admin.get("/api/v1/audit", params={"limit": 3}).json()
    second = admin.get("/api/v1/audit", params={"limit": 9, "cursor": first["next"]}).json()
    numbers = [one["sequence"] for one in [*first["items"], *second["items"]]]
    assert numbers == list(range(7, 0, -1)) and second["next"] is None
    assert admin.get("/api/v1/audit", params={"cursor": "x"}).status_code == 422


def test_the_hash_of_a_password_is_argon2id(monkeypatch):
    monkeypatch.undo()
    stored = passwords.hashed(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.fits(stored, PASSWORD) and not passwords.fits(stored, PASSWORD + "x")
    assert not passwords.fits("", "of nobody") and not passwords.fits("damaged", PASSWORD)
    with pytest.raises(UsageError) as caught:
        passwords.checked("ann", "secret")
    assert "secret" not in str(caught.value)


def test_no_password_is_kept_in_clear(server):
    admin = server.admin()
    add(admin, "bob", {})
    assert all(PASSWORD not in one.password for one in Users(server.workspace.engine).all())
