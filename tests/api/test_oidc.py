"""Signing in at an issuer: end to end at a real one, and what a dishonest one could say."""

from __future__ import annotations

import base64
import hmac
import json
import re
import socket
import subprocess
import sys
import time

import httpx
import pytest
from joserfc.jwk import RSAKey
from signing import BASE, Signing, record

from fakes.issuer import CLIENT, Issuer, parameter
from leastwise.api.application import create_app
from leastwise.api.security.oidc_settings import read_groups, read_oidc
from leastwise.api.settings import ApiSettings
from leastwise.app.wiring import Workspace
from leastwise.errors import UsageError

CALLBACK = f"{BASE}/api/v1/session/oidc/callback"
START = "/api/v1/session/oidc/start"
USERS = """
config_version: 1
users:
  ann: {password: "ann's own", email: "ann@example.com", groups: ["platform"]}
  bob: {password: "bob's own", email: "bob@example.com", groups: ["visitors"]}
"""


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """A strict provider in a process of its own: PKCE, redirects that it knows, one use of a code."""
    pytest.importorskip("nanoidp", reason="no identity provider: install the dev dependencies")
    folder = tmp_path_factory.mktemp("provider")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    client = {"client_id": CLIENT, "client_secret": "a-secret-of-the-test", "redirect_uris": [CALLBACK]}
    settings = {
        "config_version": 1, "server": {"host": "127.0.0.1", "port": port},
        "oauth": {"issuer": url, "audience": CLIENT, "clients": [client]},
        "authority_prefixes": {"groups": ""},
    }  # fmt: skip
    (folder / "settings.yaml").write_text(json.dumps(settings))
    (folder / "users.yaml").write_text(USERS)
    command = [sys.executable, "-m", "nanoidp", "--config", str(folder), "--port", str(port), "--profile", "oauth21"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        for _ in range(600):
            try:
                httpx.get(f"{url}/.well-known/openid-configuration").raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


def environment(issuer, **others):
    return {
        "LEASTWISE_OIDC_ISSUER": issuer, "LEASTWISE_OIDC_CLIENT_ID": CLIENT,
        "LEASTWISE_OIDC_CLIENT_SECRET": "a-secret-of-the-test",
        "LEASTWISE_OIDC_DUTIES": "platform=analyst@aws:1, platform=viewer, admins=admin",
    } | {f"LEASTWISE_OIDC_{name}": value for name, value in others.items()}  # fmt: skip


def at_provider(url, name):
    """What a person does there; returns where the browser is sent back to."""
    with httpx.Client() as browser:
        form = browser.get(url)
        hidden = dict(re.findall(r'name="(transaction_id)" value="([^"]+)"', form.text))
        done = browser.post(url, data=hidden | {"username": name, "password": f"{name}'s own"})
        assert done.status_code in (302, 303), done.text
        return done.headers["location"]


def test_somebody_signs_in_at_a_real_provider(provider, tmp_path):
    server = Signing(tmp_path / "home", environment(provider))
    admin, client = server.admin(), server.browser()
    assert client.get("/api/v1/session").json()["ways"] == ["password", "oidc"]
    sent = client.get(START, params={"next": "/findings?rule=x"})
    assert sent.status_code == 303 and "code_challenge_method=S256" in sent.headers["location"]
    back = at_provider(sent.headers["location"], "ann")
    arrived = client.get(back)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/findings?rule=x")
    me = client.get("/api/v1/me").json()
    assert (me["name"], me["via"]) == ("ann@example.com", "session")
    assert me["duties"] == [{"duty": "analyst", "sight": ["aws:1"]}, {"duty": "viewer", "sight": ["*"]}]
    client.headers["X-CSRF-Token"] = client.get("/api/v1/session").json()["csrf"]
    assert client.put("/api/v1/me/password", json={"old": "x", "new": "y" * 12}).status_code == 400
    assert client.delete("/api/v1/session").json()["sign_out"].startswith(f"{provider}/logout?client_id={CLIENT}")
    assert client.get("/api/v1/me").status_code == 401
    again = client.get(back)
    assert again.headers["location"] == "/sign-in?problem=sign-in", "an answer is taken once"
    row = next(one for one in admin.get("/api/v1/users").json()["items"] if one["name"] == "ann@example.com")
    assert row["origin"] == provider and {one["source"] for one in row["duties"]} == {"claim"}
    assert [one[1:] for one in record(admin) if one[0] == "ann@example.com"] == [
        ("sign out", "ann@example.com", "done"), ("sign in", "ann@example.com", "done"),
        ("user added", "ann@example.com", "done"),
    ]  # fmt: skip


def test_somebody_without_a_duty_is_not_let_in_until_he_has_one(provider, tmp_path):
    server = Signing(tmp_path / "home", environment(provider))
    admin, client = server.admin(), server.browser()
    sent = client.get(START)
    arrived = client.get(at_provider(sent.headers["location"], "bob"))
    assert arrived.headers["location"] == "/sign-in?problem=refused"
    assert client.get("/api/v1/me").status_code == 401
    assert record(admin)[0] == ("bob@example.com", "sign in", "bob@example.com", "refused")


@pytest.fixture
def issuer():
    made = Issuer()
    yield made
    made.close()


def sign_in(server, issuer, change=None):
    """A browser that goes to the issuer and comes back at once; where it is sent then, and the browser."""
    client = server.browser()
    location = client.get(START).headers["location"]
    issuer.claims = {"nonce": parameter(location, "nonce"), "groups": ["platform"]} | issuer.claims
    answer = {"code": "c", "state": parameter(location, "state")} | (change or {})
    sent = {name: value for name, value in answer.items() if value is not None}
    return client.get("/api/v1/session/oidc/callback", params=sent).headers["location"], client


def test_an_honest_answer_signs_in(tmp_path, issuer):
    server = Signing(tmp_path / "home", environment(issuer.url))
    place, client = sign_in(server, issuer)
    assert place == "/" and client.get("/api/v1/me").json()["name"] == "ann@example.com"
    told = issuer.redeemed[0]
    assert told["grant_type"] == "authorization_code" and len(told["code_verifier"]) >= 43
    assert told["redirect_uri"] == CALLBACK


NOW = int(time.time())
LIES = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another client": {"aud": "other"},
    "several clients and no word for whom": {"aud": [CLIENT, "other"]},
    "given to another": {"aud": [CLIENT, "other"], "azp": "other"},
    "another nonce": {"nonce": "n"},
    "no nonce": {"nonce": None},
    "expired": {"exp": NOW - 3600},
    "never expires": {"exp": None},
    "no number": {"exp": "tomorrow"},
    "of the future": {"iat": NOW + 3600},
    "no time": {"iat": None},
    "not yet": {"nbf": NOW + 3600},
    "nobody": {"sub": None},
    "no name but a number": {"sub": 7},
    "empty": {"sub": ""},
}


@pytest.mark.parametrize("claims", LIES.values(), ids=LIES)
def test_a_token_that_must_not_be_believed_is_not(tmp_path, issuer, claims):
    server = Signing(tmp_path / "home", environment(issuer.url))
    issuer.claims = claims
    place, client = sign_in(server, issuer)
    assert place == "/sign-in?problem=sign-in"
    assert client.get("/api/v1/session").json()["signed_in"] is False


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unsigned(claims):
    return ".".join(encoded(json.dumps(one).encode()) for one in ({"alg": "none"}, claims)) + "."


def by_public_key(claims, public):
    """What whoever knows the issuer's public key can make, if that were taken for a shared secret."""
    text = ".".join(encoded(json.dumps(one).encode()) for one in ({"alg": "HS256", "kid": "one"}, claims))
    return f"{text}.{encoded(hmac.digest(public, text.encode(), 'sha256'))}"


def test_a_token_by_another_key_or_none_is_not_believed(tmp_path, issuer):
    from joserfc import jwt

    server = Signing(tmp_path / "home", environment(issuer.url))
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    public = issuer.key.as_pem(private=False)
    for forged in (
        unsigned,
        lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, stranger),
        lambda claims: by_public_key(claims, public),
        lambda claims: "a.b.c",
        lambda claims: issuer.signed(claims)[:-8] + "AAAAAAAA",
    ):
        issuer.token, issuer.claims = forged, {}
        assert sign_in(server, issuer)[0] == "/sign-in?problem=sign-in"
    issuer.token, issuer.claims = issuer.signed, {}
    assert sign_in(server, issuer)[0] == "/"


@pytest.mark.parametrize(
    "change",
    [
        {"state": "s"}, {"state": None}, {"code": None}, {"iss": "https://elsewhere.example"},
        {"error": "access_denied", "code": None},
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_that_is_not_that_of_this_browser_is_refused(tmp_path, issuer, change):
    server = Signing(tmp_path / "home", environment(issuer.url))
    assert sign_in(server, issuer, change)[0] == "/sign-in?problem=sign-in"
    assert issuer.redeemed == []


def test_an_issuer_that_says_it_names_itself_must(tmp_path, issuer):
    server = Signing(tmp_path / "home", environment(issuer.url))
    issuer.metadata = {"authorization_response_iss_parameter_supported": True}
    assert sign_in(server, issuer)[0] == "/sign-in?problem=sign-in"
    issuer.claims = {}
    assert sign_in(server, issuer, {"iss": issuer.url})[0] == "/"


def test_a_browser_without_its_cookie_is_refused(tmp_path, issuer):
    server = Signing(tmp_path / "home", environment(issuer.url))
    for cookie in (None, "x", base64.urlsafe_b64encode(b'{"state": 1}').decode()):
        client = server.browser()
        if cookie:
            client.cookies.set("leastwise-oidc", cookie)
        answer = client.get("/api/v1/session/oidc/callback", params={"code": "c", "state": "s"})
        assert answer.headers["location"] == "/sign-in?problem=sign-in"


def test_an_issuer_that_changes_its_keys_is_asked_again(tmp_path, issuer):
    server = Signing(tmp_path / "home", environment(issuer.url))
    assert sign_in(server, issuer)[0] == "/"
    oidc = server.app.state.server.oidc
    issuer.key = RSAKey.generate_key(2048, {"kid": "one"})
    issuer.published, issuer.claims = [issuer.key], {}
    assert sign_in(server, issuer)[0] == "/sign-in?problem=sign-in", "not more than once a minute"
    moment = time.monotonic()
    oidc._tick = lambda: moment + 61
    issuer.claims = {}
    assert sign_in(server, issuer)[0] == "/"


def test_groups_may_come_from_userinfo_of_the_same_person(tmp_path, issuer):
    server = Signing(tmp_path / "home", environment(issuer.url, GROUPS_CLAIM="memberships"))
    issuer.metadata = {"userinfo_endpoint": f"{issuer.url}/userinfo"}
    for told, place in (
        ({"sub": "s-2", "memberships": ["admins"]}, "/sign-in?problem=refused"),
        ({"sub": "s-1", "memberships": "admins"}, "/"),
        (None, "/sign-in?problem=refused"),
    ):
        issuer.userinfo, issuer.claims = told, {}
        found, client = sign_in(server, issuer)
        assert found == place
        assert client.get("/api/v1/users").status_code == (200 if place == "/" else 401)


def test_what_groups_give_is_renewed_and_what_an_admin_gave_stays(tmp_path, issuer):
    server = Signing(tmp_path / "home", environment(issuer.url))
    admin = server.admin()
    assert sign_in(server, issuer)[0] == "/"
    ann = next(one["id"] for one in admin.get("/api/v1/users").json()["items"] if one["origin"] == issuer.url)
    admin.put(f"/api/v1/users/{ann}", json={"duties": {"auditor": ["*"]}})
    issuer.claims = {"groups": []}
    _, client = sign_in(server, issuer)
    assert client.get("/api/v1/me").json()["duties"] == [{"duty": "auditor", "sight": ["*"]}]
    admin.put(f"/api/v1/users/{ann}", json={"active": False})
    assert client.get("/api/v1/me").status_code == 401
    issuer.claims = {}
    assert sign_in(server, issuer)[0] == "/sign-in?problem=refused"


def test_an_issuer_that_is_gone_or_speaks_for_another(tmp_path, issuer):
    server = Signing(tmp_path / "home", environment(issuer.url))
    issuer.metadata = {"issuer": "https://elsewhere.example"}
    answer = server.browser().get(START)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:leastwise:problem:unavailable")
    gone = Signing(tmp_path / "other", environment("http://127.0.0.1:9"))
    assert gone.browser().get(START).status_code == 503
    without = Signing(tmp_path / "third")
    assert without.browser().get(START).status_code == 404


def test_an_issuer_that_sends_our_secret_into_the_clear_is_not_asked(tmp_path, issuer):
    server = Signing(tmp_path / "home", environment(issuer.url))
    issuer.metadata = {"token_endpoint": "http://192.0.2.1/token"}
    assert sign_in(server, issuer)[0] == "/sign-in?problem=sign-in"


@pytest.mark.parametrize(
    "next",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "evil", "/a\nb", "/" + "a" * 3000, ""],
)
def test_nobody_is_sent_elsewhere_after_signing_in(tmp_path, issuer, next):
    server = Signing(tmp_path / "home", environment(issuer.url))
    client = server.browser()
    location = client.get(START, params={"next": next}).headers["location"]
    issuer.claims = {"nonce": parameter(location, "nonce"), "groups": ["platform"]}
    sent = {"code": "c", "state": parameter(location, "state")}
    assert client.get("/api/v1/session/oidc/callback", params=sent).headers["location"] == "/"


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"CLIENT_ID": ""}, "LEASTWISE_OIDC_CLIENT_ID"), ({"ISSUER": "http://idp.example"}, "https address"),
        ({"DUTIES": "platform"}, "is none of GROUP=DUTY"), ({"DUTIES": "a=king"}, "unknown"),
        ({"DUTIES": "a=viewer@"}, "is none of"), ({"DUTIES": "a=viewer@x"}, "is none of"),
        ({"DUTIES": "=viewer"}, "is none of"), ({"SCOPES": "email"}, "openid must be among them"),
    ],
)  # fmt: skip
def test_a_setting_that_is_none_stops_the_server(tmp_path, change, cause):
    environ = environment("https://idp.example", **change)
    with pytest.raises(UsageError, match=cause) as caught:
        create_app(Workspace(tmp_path / "home", environ=environ), ApiSettings(BASE))
    assert "a-secret-of-the-test" not in str(caught.value)


def test_groups_give_duties_over_places():
    read = read_groups("a=b=viewer@aws:1, a=b=viewer@gcp:*, /ops/admins=admin")
    assert read == {"a=b": {"viewer": ("aws:1", "gcp:*")}, "/ops/admins": {"admin": ("*",)}}
    assert read_oidc({}) is None
    settings = read_oidc(environment("https://idp.example"))
    assert settings.given(["platform", "unknown"]) == {"analyst": ["aws:1"], "viewer": ["*"]}
    assert "a-secret-of-the-test" not in repr(settings)
