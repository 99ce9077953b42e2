"""How somebody whom nobody uses is stopped and deleted, provider by provider: commands, and what takes them back."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from typing import Any

import pytest

from leastwise.model.plan import Change, Step
from leastwise.providers.azure import PROVIDER as AZURE
from leastwise.providers.base import Provider
from leastwise.providers.base.halting import Halting, Holder
from leastwise.providers.entra import PROVIDER as ENTRA
from leastwise.providers.gcp import PROVIDER as GOOGLE

NOW = datetime(2026, 11, 1, tzinfo=UTC)
GRAPH = "https://graph.microsoft.com/v1.0"
BOT = Holder(
    "serviceAccount:bot@p1.iam.gserviceaccount.com", "bot", "service_account", "p1", (), ("group:ops@x.example",)
)
PERSON = Holder("user:ana@x.example", "ana", "user", "organizations/1", (), ("group:ops@x.example",))
USER = Holder("u-1", "ana@x.example", "user", "t", (), ("g-1",))
APP = Holder("sp-1", "portal", "service_principal", "t")
IDENTITY = Holder("mi-1", "id-deploy", "managed_identity", "sub-1")
FEDERATED = (
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-deploy"
    "/federatedIdentityCredentials/github"
)


def halting(provider: Provider) -> Halting:
    assert provider.halting is not None
    return provider.halting()


RETIRED: dict[str, tuple[Provider, Holder, list[tuple[str, str, str, int]]]] = {
    "a service account": (GOOGLE, BOT, [
        ("disable", "gcloud iam service-accounts disable bot@p1.iam.gserviceaccount.com --project=p1",
         "gcloud iam service-accounts enable bot@p1.iam.gserviceaccount.com --project=p1", 0),
        ("leave group", "memberships delete --group-email=ops@x.example --member-email=bot@p1.iam.gserviceaccount.com",
         "memberships add --group-email=ops@x.example", 0),
        ("delete after 30 days", "service-accounts delete bot@p1.iam.gserviceaccount.com --project=p1 --quiet", "", 30),
    ]),
    "a person of Google's directory is stopped there": (GOOGLE, PERSON, [
        ("leave group", "--member-email=ana@x.example", "memberships add", 0),
    ]),
    "a user": (ENTRA, USER, [
        ("disable", f"patch --url {GRAPH}/users/u-1 --body '{{\"accountEnabled\": false}}'",
         f"patch --url {GRAPH}/users/u-1 --body '{{\"accountEnabled\": true}}'", 0),
        ("revoke sessions", f"post --url {GRAPH}/users/u-1/revokeSignInSessions", "", 0),
        ("leave group", f"delete --url '{GRAPH}/groups/g-1/members/u-1/$ref'", "directoryObjects/u-1", 0),
        ("delete after 30 days", f"delete --url {GRAPH}/users/u-1", f"{GRAPH}/directory/deletedItems/u-1/restore", 30),
    ]),
    "an application": (ENTRA, APP, [
        ("disable", f"{GRAPH}/servicePrincipals/sp-1", '"accountEnabled": true', 0),
        ("delete after 30 days", f"delete --url {GRAPH}/servicePrincipals/sp-1", "deletedItems/sp-1/restore", 30),
    ]),
    "a managed identity goes with what it is of": (ENTRA, IDENTITY, []),
    "a managed identity": (AZURE, IDENTITY, [
        ("delete after 30 days", "az identity list --subscription sub-1 --query", "", 30),
    ]),
    "a user of Azure is stopped in the directory": (AZURE, USER, []),
}  # fmt: skip


@pytest.mark.parametrize("name", RETIRED)
def test_whom_nobody_uses(name: str) -> None:
    provider, holder, wanted = RETIRED[name]
    steps = halting(provider).retired(holder, 30)
    assert [(one.does, one.after) for one in steps] == [(does, after) for does, _, _, after in wanted]
    for step, (_, command, inverse, _) in zip(steps, wanted, strict=True):
        assert command in step.command
        assert (inverse in step.inverse) if inverse else step.inverse == ""
        assert shlex.split(step.command)


def credential(id: str, kind: str, active: bool | None = True) -> dict[str, Any]:
    return {"id": id, "kind": kind, "active": active}


CREDENTIALS: dict[str, tuple[Provider, Holder, dict[str, Any], str, str]] = {
    "a key": (GOOGLE, BOT, credential("k1", "service_account_key"), "keys disable k1 --iam-account=bot@",
              "keys enable k1"),
    "a key that is disabled": (GOOGLE, BOT, credential("k1", "service_account_key", active=False), "", ""),
    "a key of Google's own": (GOOGLE, BOT, credential("k1", "system_managed_key"), "", ""),
    "a password": (ENTRA, APP, credential("p1", "application_password"), "credential delete --id", ""),
    "a certificate": (ENTRA, APP, credential("c1", "application_certificate", active=None), "--key-id c1 --cert", ""),
    "one that has expired": (ENTRA, APP, credential("c1", "application_certificate", active=False), "", ""),
    "what signs tokens": (ENTRA, APP, credential("s1", "signing_certificate"), "", ""),
    "a federated one": (AZURE, IDENTITY, credential(FEDERATED, "federated_credential", active=None),
                        "az identity federated-credential delete --name github --identity-name id-deploy", ""),
    "one of nothing that is known": (AZURE, IDENTITY, credential("x", "federated_credential"), "", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CREDENTIALS)
def test_credentials(name: str) -> None:
    provider, holder, row, command, inverse = CREDENTIALS[name]
    step = halting(provider).credential(holder, row)
    if not command:
        assert step is None
        return
    assert isinstance(step, Step)
    assert command in step.command
    assert (inverse in step.inverse) if inverse else step.inverse == ""


def test_only_sign_ins_of_people_are_ended() -> None:
    ended = [
        step.command
        for provider, holder in ((ENTRA, USER), (ENTRA, APP), (AZURE, IDENTITY), (GOOGLE, BOT))
        if (step := halting(provider).sessions(holder, NOW)) is not None
    ]
    assert ended == [f"az rest --method post --url {GRAPH}/users/u-1/revokeSignInSessions"]


@pytest.mark.parametrize("provider", [AZURE, ENTRA, GOOGLE], ids=lambda one: one.name)
def test_a_change_without_a_command_for_its_inverse_has_none(provider: Provider) -> None:
    made = halting(provider).made
    role = {"policy": "projects/p/roles/r"}
    assert made(Change("delete", role))[0]
    assert made(Change("delete", role, (Change("sign", {"principal": "a", "group": "b"}),)))[1] == ""
