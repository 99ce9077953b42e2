"""Who calls: every way to credentials ends in a token with the narrowest scopes; no secret is said when it fails."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.google.around import QUICK, VARIABLE, a_run, collected, gaps, key_file, surround, written
from fakes.google.server import EXPIRED, TOKEN, FakeGoogle, Fault, on
from leastwise.errors import UsageError
from leastwise.providers.gcp.collect.collector import collect

READER = "reader@bw-audit.iam.gserviceaccount.com"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    surround(monkeypatch, tmp_path)
    with FakeGoogle(page=50, tokens=set()) as fake:
        yield fake


def reading(google: FakeGoogle, folder: Path, **more: Any) -> Any:
    keys = {"endpoint": google.url, "per_minute": QUICK, "organization": 1, **more}
    (found,) = collect(keys, a_run(folder / "run"))
    assert google.strange == []
    return found


def claims(request: Any) -> dict[str, Any]:
    """What a signed assertion says."""
    part = str(request["assertion"]).split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_a_token_of_the_environment_is_sent_as_it_is(google: FakeGoogle, tmp_path: Path) -> None:
    google.tokens = {TOKEN}
    assert gaps(reading(google, tmp_path, access_token_env=VARIABLE)) == []
    assert {one.token for one in google.log} == {TOKEN} and google.given == []


def test_a_service_accounts_key_gives_a_token_for_each_set_of_scopes(google: FakeGoogle, tmp_path: Path) -> None:
    assert gaps(reading(google, tmp_path, credentials_file=str(key_file(tmp_path)))) == []
    asked = [claims(one) for one in google.given]
    assert {one["iss"] for one in asked} == {READER} and not [one for one in asked if "sub" in one]
    scopes = [tuple(sorted(one["scope"].split())) for one in asked]
    assert len(scopes) == len(set(scopes)), "one token for each"
    prefix = "https://www.googleapis.com/auth/"
    assert (f"{prefix}cloud-platform.read-only",) in scopes and (f"{prefix}cloud-identity.groups.readonly",) in scopes
    by_host = {one.host: one.token for one in google.log}
    assert by_host["cloudidentity.googleapis.com"] != by_host["iam.googleapis.com"]


def test_application_default_credentials(google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file(tmp_path)))
    assert gaps(reading(google, tmp_path)) == []
    assert {claims(one)["iss"] for one in google.given} == {READER}


def test_what_gcloud_wrote_for_a_user(google: FakeGoogle, tmp_path: Path) -> None:
    told = {"type": "authorized_user", "client_id": "c", "client_secret": "canary-client", "refresh_token": "canary-r",
            "quota_project_id": "bw-audit"}  # fmt: skip
    assert gaps(reading(google, tmp_path, credentials_file=str(written(tmp_path / "adc.json", told)))) == []
    assert {one["grant_type"] for one in google.given} == {"refresh_token"}
    assert {one.headers.get("x-goog-user-project") for one in google.log} == {"bw-audit"}


def test_another_project_pays(google: FakeGoogle, tmp_path: Path) -> None:
    reading(google, tmp_path, credentials_file=str(key_file(tmp_path)), quota_project="bw-billing")
    assert {one.headers.get("x-goog-user-project") for one in google.log} == {"bw-billing"}


def test_a_chain_of_service_accounts_is_become(google: FakeGoogle, tmp_path: Path) -> None:
    chain = ["hop@p.iam.gserviceaccount.com", "audit@p.iam.gserviceaccount.com"]
    found = reading(google, tmp_path, credentials_file=str(key_file(tmp_path)), impersonate=chain)
    assert gaps(found) == []
    become = [one for one in google.given if str(one["path"]).endswith(":generateAccessToken")]
    assert {one["path"] for one in become} == {f"v1/projects/-/serviceAccounts/{chain[1]}:generateAccessToken"}
    assert {tuple(one["delegates"]) for one in become} == {(f"projects/-/serviceAccounts/{chain[0]}",)}
    assert {one.token for one in google.log} == {f"{TOKEN}-{chain[1]}"}
    assert all(scope.startswith("https://www.googleapis.com/auth/") for one in become for scope in one["scope"])


def test_workload_identity_federation(google: FakeGoogle, tmp_path: Path) -> None:
    (tmp_path / "subject").write_text("canary-subject-token")
    told = {
        "type": "external_account", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "audience": "//iam.googleapis.com/projects/5/locations/global/workloadIdentityPools/ci/providers/gh",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(tmp_path / "subject")},
        "service_account_impersonation_url":
            f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{READER}:generateAccessToken",
    }  # fmt: skip
    assert gaps(reading(google, tmp_path, credentials_file=str(written(tmp_path / "wif.json", told)))) == []
    exchanged = [one for one in google.given if one["host"] == "sts.googleapis.com"]
    assert exchanged and {one["subject_token"] for one in exchanged} == {"canary-subject-token"}
    assert {one.token for one in google.log} == {f"{TOKEN}-{READER}"}


def test_only_the_directory_is_read_on_behalf_of_an_admin(google: FakeGoogle, tmp_path: Path) -> None:
    admin = "root@brightwater.example"
    reading(google, tmp_path, credentials_file=str(key_file(tmp_path)), admin=admin)
    behalf = {bool(claims(one).get("sub")): set() for one in google.given}
    for one in google.given:
        behalf[bool(claims(one).get("sub"))].update(claims(one)["scope"].split())
    assert all("cloud-platform" in scope for scope in behalf[False])
    assert all("cloud-platform" not in scope for scope in behalf[True]) and len(behalf[True]) == 5
    assert {claims(one)["sub"] for one in google.given if claims(one).get("sub")} == {admin}


def test_delegation_that_was_not_given_costs_the_directory_only(google: FakeGoogle, tmp_path: Path) -> None:
    token = google._token

    def refusing(host: str, path: str, headers: Any, body: bytes) -> Any:
        made = token(host, path, headers, body)
        if claims(google.given[-1]).get("sub"):
            told = {"error": "unauthorized_client", "error_description": "Client is unauthorized to retrieve tokens"}
            return 401, {}, json.dumps(told).encode()
        return made

    google._token = refusing  # type: ignore[method-assign]
    found = reading(google, tmp_path, credentials_file=str(key_file(tmp_path)), admin="root@brightwater.example")
    missing = {(call.partition(".")[0], status) for call, status, _, _ in gaps(found)}
    assert missing == {("cloudidentity", "denied"), ("directory", "denied"), ("reports", "denied")}
    assert all("unauthorized" in detail for *_, detail in gaps(found))


def test_a_token_that_ends_in_the_middle_interrupts(google: FakeGoogle, tmp_path: Path) -> None:
    google.tokens = {TOKEN}
    left = iter(range(40))
    google.faults = [lambda request: EXPIRED if next(left, None) is None else None]
    whys: list[str] = []
    keys = {"endpoint": google.url, "per_minute": QUICK, "organization": 1, "access_token_env": VARIABLE}
    (found,) = collect(keys, a_run(tmp_path / "run", interrupted=lambda one, why: whys.append(why) or one))
    assert whys == ["the credentials are not accepted any more (ACCESS_TOKEN_EXPIRED)"]
    assert {status for _, status, _, _ in gaps(found)} == {"not_tried"}, "a token's end is no refusal of a call"
    google.faults = []
    whole = collected(google, tmp_path / "run", resume=True, organization=1)["organizations/1"]
    assert gaps(whole) == []


NO_CREDENTIALS: list[tuple[str, str]] = [
    ("{}", "credentials_file"), ("no json", "no credentials in JSON"), ("[1]", "no credentials in JSON"),
    ('{"type": "service_account", "private_key": "canary-private"}', "key.json"),
    ('{"type": "magic"}', "magic"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), NO_CREDENTIALS, ids=[one[1] for one in NO_CREDENTIALS])
def test_a_file_without_credentials_is_named_and_not_quoted(
    content: str, said: str, google: FakeGoogle, tmp_path: Path
) -> None:
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(UsageError) as caught:
        reading(google, tmp_path, credentials_file=str(tmp_path / "key.json"))
    text = str(caught.value)
    assert "key.json" in text and "canary" not in text and len(text.splitlines()) == 1
    assert said in text or said == "credentials_file"


def test_no_credentials_at_all(google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match="application default credentials"):
        reading(google, tmp_path)
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(UsageError, match=f"{VARIABLE} is not set"):
        reading(google, tmp_path, access_token_env=VARIABLE)


def test_a_key_that_was_deleted_is_said_before_anything_is_read(google: FakeGoogle, tmp_path: Path) -> None:
    def gone(host: str, path: str, headers: Any, body: bytes) -> Any:
        told = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        return 400, {}, json.dumps(told).encode()

    google._token = gone  # type: ignore[method-assign]
    with pytest.raises(UsageError) as caught:
        list(collect({"endpoint": google.url, "credentials_file": str(key_file(tmp_path))}, a_run(tmp_path / "run")))
    assert "invalid_grant" in str(caught.value) and len(str(caught.value).splitlines()) == 1
    assert google.log == []


def test_a_token_endpoint_that_is_away_is_no_refusal(google: FakeGoogle, tmp_path: Path) -> None:
    google.faults = [on(Fault(drop=True), "cloudidentity")]
    found = reading(google, tmp_path, credentials_file=str(key_file(tmp_path)))
    assert {status for _, status, _, _ in gaps(found)} == {"failed"}
