"""Ways to a token: the CLI, a service principal, the machine, variables, azure-identity; and what they say when not."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.azure.around import collected, gaps, keys, surround, whole
from fakes.azure.server import SECRET, TOKENS, FakeAzure, jwt
from fakes.azure.world import TENANT
from leastwise.errors import UsageError
from leastwise.providers.azure.collect.source import Source, read_source
from leastwise.providers.microsoft.signing import Signer, found
from leastwise.providers.microsoft.tokens import FromCli, FromClient, FromMachine, FromVariables, Token
from leastwise.providers.rest.failure import RestFailed

ARM = "https://management.azure.com"
NO_TOKENS = {"access_token_env": None, "graph_token_env": None}


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        yield fake


def az(folder: Path, script: str) -> None:
    """A program called `az`."""
    (folder / "bin").mkdir(exist_ok=True)
    program = folder / "bin" / "az"
    program.write_text(f"#!{sys.executable}\nimport sys, json\n{script}\n")
    program.chmod(0o755)


def source(azure: FakeAzure, **more: Any) -> Source:
    return read_source(keys(azure, **NO_TOKENS, **more))


def test_the_cli_is_asked_for_each_audience(azure: FakeAzure, tmp_path: Path) -> None:
    tokens = {one: TOKENS["graph" if "graph" in one else "arm"] for one in (ARM, "https://graph.microsoft.com")}
    az(
        tmp_path,
        f"tokens = {tokens!r}\nat = sys.argv[sys.argv.index('--resource') + 1]\n"
        "assert sys.argv[1:3] == ['account', 'get-access-token'] and '--tenant' not in sys.argv\n"
        "print(json.dumps({'accessToken': tokens[at], 'expires_on': 4102444800, 'expiresOn': '2099-01-01'}))",
    )
    told = whole(azure, tmp_path / "run", **NO_TOKENS)
    assert gaps(told) == [] and told.scope.id == TENANT


def test_the_cli_signs_in_to_the_named_directory(azure: FakeAzure, tmp_path: Path) -> None:
    az(
        tmp_path,
        "assert sys.argv[-2:] == ['--tenant', 'brightwater.example'], sys.argv\n"
        "print(json.dumps({'accessToken': 'x', 'expiresOn': '2099-01-01 00:00:00.000000'}))",
    )
    token = found(source(azure, tenant="brightwater.example"), "agent").token(ARM)
    assert token.text == "x" and token.until > time.time() + 1e8


CLI = [
    ("sys.exit('ERROR: Please run \\'az login\\' to setup account.')", "Please run 'az login' to setup account."),
    ("print('no json')", "the answer cannot be read"),
    ("print('{}')", "there is no token in the answer"),
    ("sys.exit('token=secret-canary-1 is wrong')", "is wrong"),
]


@pytest.mark.parametrize(("script", "said"), CLI, ids=[one[1] for one in CLI])
def test_a_cli_that_gives_none_says_why(azure: FakeAzure, tmp_path: Path, script: str, said: str) -> None:
    az(tmp_path, script)
    with pytest.raises(UsageError) as caught:
        collected(azure, tmp_path / "run", **NO_TOKENS)
    text = str(caught.value)
    assert said in text and "canary" not in text and len(text.splitlines()) == 1


def test_a_service_principal_with_a_secret(azure: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", "client"), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"AZURE_{name}", value)
    azure.tokens.clear()
    told = whole(azure, tmp_path / "run", **NO_TOKENS)
    assert gaps(told) == []
    assert [one["scope"] for one in azure.given if "graph" in one["scope"]] == ["https://graph.microsoft.com/.default"]
    assert len(azure.given) == 2 and azure.given[0]["path"] == f"/{TENANT}/oauth2/v2.0/token"
    assert azure.given[0]["grant_type"] == "client_credentials"


def test_a_wrong_secret_is_said_without_it(azure: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", "client"), ("CLIENT_SECRET", "wrong-canary-77")):
        monkeypatch.setenv(f"AZURE_{name}", value)
    with pytest.raises(UsageError) as caught:
        collected(azure, tmp_path / "run", **NO_TOKENS)
    assert "AADSTS7000215" in str(caught.value) and "canary" not in str(caught.value)


def test_a_federated_token_is_read_anew_each_time(
    azure: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", "client"), ("FEDERATED_TOKEN_FILE", str(file))):
        monkeypatch.setenv(f"AZURE_{name}", value)
    provider = found(source(azure), "agent")
    assert isinstance(provider, FromClient)
    for number in ("one", "two"):
        file.write_text(f"{number}\n")
        provider.token(ARM)
        assert azure.given[-1]["client_assertion"] == number and "client_secret" not in azure.given[-1]
    file.unlink()
    with pytest.raises(RestFailed, match="AZURE_FEDERATED_TOKEN_FILE: No such file"):
        provider.token(ARM)


def test_the_machines_identity(azure: FakeAzure, tmp_path: Path) -> None:
    azure.tokens.clear()
    more = {**NO_TOKENS, "sign_in": "managed_identity", "client_id": "mine"}
    told = whole(azure, tmp_path / "run", **more)
    assert gaps(told) == []
    assert {one["resource"] for one in azure.given} == {ARM, "https://graph.microsoft.com"}
    assert all(one["client_id"] == "mine" and one["api-version"] == "2018-02-01" for one in azure.given)


def test_the_app_services_identity(azure: FakeAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header-canary-3")
    provider = found(source(azure), "agent")
    assert isinstance(provider, FromMachine)
    with pytest.raises(RestFailed) as caught:
        provider.token(ARM)
    assert caught.value.network and "canary" not in str(caught.value)


def test_variables_must_be_set(azure: FakeAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="NOT_SET"):
        found(read_source({"access_token_env": "NOT_SET"}), "agent")
    provider = FromVariables({ARM: "FAKE_ARM_TOKEN"}, "source azure")
    assert provider.token(ARM).until == 4102444800.0
    with pytest.raises(RestFailed, match="no token for https://graph"):
        provider.token("https://graph.microsoft.com")


def test_nobody_signed_in_is_one_line(azure: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(UsageError, match="run `az login`"):
        collected(azure, tmp_path / "run", **NO_TOKENS)
    with pytest.raises(UsageError, match="azure-identity is not installed"):
        found(source(azure, sign_in="azure_identity"), "agent")
    with pytest.raises(UsageError, match="AZURE_CLIENT_ID"):
        found(source(azure, sign_in="environment"), "agent")
    with pytest.raises(RestFailed, match="az is not installed"):
        FromCli().token(ARM)


def test_a_token_near_its_end_is_renewed_and_one_that_is_not_is_kept(azure: FakeAzure) -> None:
    class Counting:
        given = 0
        lasts = 3600.0

        def token(self, audience: str) -> Token:
            self.given += 1
            return Token(jwt(audience, self.given), time.time() + self.lasts)

        def who(self) -> str:
            return "a test"

    counting = Counting()
    signer = Signer(source(azure), "agent", counting)
    first = signer.token("arm")
    assert signer.token("arm") is first and counting.given == 1
    assert signer.token("graph") is not first
    counting.lasts = 60.0
    renewed = signer.renewed("arm", first)
    assert renewed is not None and renewed.text != first.text
    assert signer.renewed("arm", first) is renewed, "another thread was first"
    assert signer.token("arm") is not renewed, "a minute is not enough for a page that is slow"


def test_a_token_is_not_in_what_is_shown_of_it() -> None:
    assert "canary" not in repr(Token("canary", 0.0))
    assert Token("no.jwt", 0.0).claims == {} and Token(jwt("x"), 0.0).claims["tid"] == TENANT
