"""Getting into accounts: whose credentials to start with, which accounts there are, and how each is entered."""

from __future__ import annotations

import getpass
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    AssumeRoleWithWebIdentityCredentialFetcher,
    Credentials,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError
from botocore.tokens import SSOTokenProvider
from botocore.utils import FileWebIdentityTokenLoader

from leastwise.errors import UsageError
from leastwise.model.scope import Coverage, CoverageStatus, Scope

from .clients import SDK_ERRORS, check_body, failure, skew
from .source import Source

HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Partition → the region in which its global services are asked."""
_NAME = "leastwise"
_ORGANIZATION = "service control policies and the accounts of the organization"
_CONFIG = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})
_ENTRY_ERRORS = (*SDK_ERRORS, OSError)
"""What signing in raises: a token may be a file that cannot be read."""


def ask_at_terminal(prompt: str) -> str:
    """What a person types, unseen. UsageError when there is nobody to ask."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except (EOFError, getpass.GetPassWarning):
        raise UsageError("source aws: mfa_serial: there is no terminal at which to ask for the code") from None


@dataclass(frozen=True, slots=True)
class Entered:
    """An account, and the credentials that work in it; None with the coverage that says why not."""

    scope: Scope
    partition: str
    credentials: Credentials | None
    coverage: tuple[Coverage, ...] = ()

    @property
    def region(self) -> str:
        """The region in which the partition's global services are asked."""
        return HOME_REGIONS.get(self.partition, "us-east-1")


class Entrance:
    """Enters the accounts of a source (`only` that one). `ask_code` asks a person for an MFA code."""

    def __init__(
        self, source: Source, ask_code: Callable[[str], str] = ask_at_terminal, only: str | None = None
    ) -> None:
        self.source = source
        self._ask_code = ask_code
        self._only = only
        self._creating = threading.Lock()
        self.organization: tuple[str, str] | None = None
        self.gaps: list[Coverage] = []

    def enter(self) -> list[Entered]:
        """Every account that the source means, entered or not, sorted by id.

        Raises:
            UsageError: nothing to start from: no credentials, an unknown profile, an expired session.
        """
        if self.source.profiles:
            found = [self._own(_session(name)) for name in self.source.profiles]
        elif self.source.sso:
            found = self._portal()
        else:
            found = self._from_one(_session(self.source.profile))
        entered = [one for one in found if one.credentials is not None]
        if (self.source.profiles or self.source.sso) and entered:
            self._describe(_session(""), entered[0])
        managing = self.organization[1] if self.organization else ""
        if (
            managing
            and not self._only
            and managing not in {one.scope.id for one in entered if self._meant(one.scope.id)}
        ):
            cause = f"the management account {managing} is not among the accounts entered"
            self.gaps.append(Coverage("organizations", "*", CoverageStatus.NOT_TRIED, cause, _ORGANIZATION))
        return sorted((one for one in found if self._meant(one.scope.id)), key=lambda one: one.scope.id)

    def alone(self) -> Entered:
        """The account to start from or, where the source names a role and an account, that one; no other is looked for.

        Raises:
            UsageError: nothing to start from, or it cannot be entered.
        """
        session = _session(self.source.profile)
        own = self._own(session)
        if self.source.mfa_serial:
            own = self._with_code(session, own)
        if not self.source.role:
            return own
        found = self._assume(session, own, (*self.source.accounts, own.scope.id)[0])
        if found.credentials is None:
            raise UsageError(f"source aws: {found.coverage[0].detail}")
        return found

    def _meant(self, account: str) -> bool:
        return account not in self.source.exclude and self._only in (None, account)

    def _own(self, session: botocore.session.Session) -> Entered:
        """The account of a session's own credentials."""
        try:
            credentials = self._base(session)
            told = _client(session, "sts", credentials).get_caller_identity()
        except _ENTRY_ERRORS as error:
            raise UsageError(f"source aws: {_cause(error)}") from None
        return Entered(Scope("aws", "account", told["Account"]), told["Arn"].split(":")[1], credentials)

    def _base(self, session: botocore.session.Session) -> Credentials:
        if self.source.web_identity_token_file:
            fetcher = AssumeRoleWithWebIdentityCredentialFetcher(
                client_creator=self._creator(session),
                web_identity_token_loader=FileWebIdentityTokenLoader(self.source.web_identity_token_file),
                role_arn=self.source.web_identity_role,
                extra_args={"RoleSessionName": _NAME},
            )
            return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role-with-web-identity")
        credentials = session.get_credentials()
        if credentials is None:
            raise UsageError("source aws: no credentials; sign in, or name a profile")
        return credentials

    def _from_one(self, session: botocore.session.Session) -> list[Entered]:
        own = self._own(session)
        if self.source.mfa_serial:
            # First of all: the organization too may answer only to who has passed it.
            own = self._with_code(session, own)
        wanted = list(self.source.accounts)
        if self.source.whole_organization:
            wanted = self._members(session, own)
        else:
            wanted = wanted or [own.scope.id]
            self._describe(session, own)
        if not self.source.role:
            others = [id for id in wanted if id != own.scope.id]
            if others:
                raise UsageError(f"source aws: to enter {', '.join(others[:3])} name a role")
        wanted = [id for id in wanted if self._meant(id)]
        with ThreadPoolExecutor(self.source.in_flight) as pool:
            return list(pool.map(lambda id: own if id == own.scope.id else self._assume(session, own, id), wanted))

    def _creator(self, session: botocore.session.Session) -> Callable[..., Any]:
        """Makes clients from any thread, which the SDK's session cannot, as credentials are renewed from any thread."""
        region = session.get_config_variable("region") or "us-east-1"

        def create(service: str, **keys: Any) -> Any:
            with self._creating:
                return session.create_client(service, **{"region_name": region, "config": _CONFIG, **keys})

        return create

    def _members(self, session: botocore.session.Session, own: Entered) -> list[str]:
        """Active accounts of the organization, ours among them; only ours when it cannot be asked."""
        self._describe(session, own)
        client = _client(session, "organizations", own.credentials, own.region)
        try:
            pages = client.get_paginator("list_accounts").paginate()
            accounts = [one for page in pages for one in page["Accounts"]]
        except _ENTRY_ERRORS as error:
            cause = _cause(error)
            self.gaps.append(Coverage("organizations", "ListAccounts", _status(error), cause, "every other account"))
            return [own.scope.id]
        active = [one["Id"] for one in accounts if one.get("State", one.get("Status")) == "ACTIVE"]
        return sorted({own.scope.id, *active})

    def _describe(self, session: botocore.session.Session, own: Entered) -> None:
        """Learns the organization's id and management account, if there is one and it may be known."""
        try:
            client = _client(session, "organizations", own.credentials, own.region)
            told = client.describe_organization()["Organization"]
        except _ENTRY_ERRORS as error:
            if _code(error) == "AWSOrganizationsNotInUseException":
                told = Coverage("organizations", "DescribeOrganization", CoverageStatus.OK, "in no organization")
            else:
                told = Coverage("organizations", "DescribeOrganization", _status(error), _cause(error), _ORGANIZATION)
            self.gaps.append(told)
            return
        wanted = self.source.organization
        if isinstance(wanted, str) and told["Id"] != wanted:
            raise UsageError(f"source aws: organization: these credentials are of {told['Id']}, not of {wanted}")
        self.organization = told["Id"], told["MasterAccountId"]

    def _with_code(self, session: botocore.session.Session, own: Entered) -> Entered:
        """The same account with a session that has passed MFA, so that one code serves every account."""
        client = _client(session, "sts", own.credentials)
        code = self._ask_code(f"MFA code of {self.source.mfa_serial}: ")
        try:
            given = client.get_session_token(SerialNumber=self.source.mfa_serial, TokenCode=code)["Credentials"]
        except _ENTRY_ERRORS as error:
            raise UsageError(f"source aws: {_cause(error)}") from None
        keys = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], "mfa")
        return Entered(own.scope, own.partition, keys)

    def _assume(self, session: botocore.session.Session, own: Entered, account: str) -> Entered:
        scope = Scope("aws", "account", account)
        arn = f"arn:{own.partition}:iam::{account}:role/{self.source.role.lstrip('/')}"
        extra = {"RoleSessionName": _NAME} | (
            {"ExternalId": self.source.external_id} if self.source.external_id else {}
        )
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=self._creator(session), source_credentials=own.credentials, role_arn=arn, extra_args=extra
        )
        credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
        try:
            credentials.get_frozen_credentials()
        except _ENTRY_ERRORS as error:
            gap = Coverage("sts", "AssumeRole", _status(error), f"{arn}: {_cause(error)}", "everything in the account")
            return Entered(scope, own.partition, None, (gap,))
        return Entered(scope, own.partition, credentials)

    def _portal(self) -> list[Entered]:
        """Every account that an Identity Center session can enter."""
        session = _session(self.source.profile)
        name, known = _sso_session(session, self.source.sso)
        token = _token(session, name)
        unsigned = Config(signature_version=UNSIGNED).merge(_CONFIG)
        client = session.create_client("sso", region_name=known["sso_region"], config=unsigned)
        partition = session.get_partition_for_region(known["sso_region"])
        try:
            pages = client.get_paginator("list_accounts").paginate(accessToken=token())
            accounts = [one["accountId"] for page in pages for one in page["accountList"]]
        except _ENTRY_ERRORS as error:
            raise UsageError(f"source aws: sso: {_cause(error)}") from None
        chosen = [id for id in accounts if self._meant(id) and (not self.source.accounts or id in self.source.accounts)]
        with ThreadPoolExecutor(self.source.in_flight) as pool:
            return list(pool.map(lambda id: self._by_portal(client, token, id, partition), chosen))

    def _by_portal(self, client: Any, token: Callable[[], str], account: str, partition: str) -> Entered:
        scope = Scope("aws", "account", account)

        def fetch() -> dict[str, str]:
            role = self.source.role or _only_role(client, token(), account)
            asked = {"accessToken": token(), "accountId": account, "roleName": role}
            given = client.get_role_credentials(**asked)["roleCredentials"]
            return {
                "access_key": given["accessKeyId"], "secret_key": given["secretAccessKey"],
                "token": given["sessionToken"], "expiry_time": _iso(given["expiration"]),
            }  # fmt: skip

        credentials = DeferredRefreshableCredentials(fetch, "sso")
        try:
            credentials.get_frozen_credentials()
        except (*_ENTRY_ERRORS, UsageError) as error:
            gap = Coverage("sso", "GetRoleCredentials", _status(error), _cause(error), "everything in the account")
            return Entered(scope, partition, None, (gap,))
        return Entered(scope, partition, credentials)


def _session(profile: str) -> botocore.session.Session:
    session = botocore.session.Session(profile=profile or None)
    session.register("before-parse", check_body)
    return session


def _sso_session(session: botocore.session.Session, wanted: str | bool) -> tuple[str, dict[str, str]]:
    """Name and settings of the session: the one named, else that of the profile, else the only one configured."""
    try:
        sessions = session.full_config.get("sso_sessions", {})
        name = wanted if isinstance(wanted, str) else session.get_scoped_config().get("sso_session", "")
    except BotoCoreError as error:
        raise UsageError(f"source aws: {_cause(error)}") from None
    if not name and len(sessions) == 1:
        name = next(iter(sessions))
    if name not in sessions:
        raise UsageError(f"source aws: sso: {name or 'which'} sso-session? Configured: {', '.join(sessions) or 'none'}")
    return name, sessions[name]


def _only_role(client: Any, token: str, account: str) -> str:
    pages = client.get_paginator("list_account_roles").paginate(accessToken=token, accountId=account)
    roles = [one["roleName"] for page in pages for one in page["roleList"]]
    if len(roles) != 1:
        raise UsageError(f"{len(roles)} roles to choose from in {account}: name one with role")
    return str(roles[0])


def _client(session: botocore.session.Session, service: str, credentials: Any, region: str | None = None) -> Any:
    frozen = credentials.get_frozen_credentials()
    return session.create_client(
        service, region_name=region or session.get_config_variable("region") or "us-east-1",
        config=_CONFIG, aws_access_key_id=frozen.access_key, aws_secret_access_key=frozen.secret_key,
        aws_session_token=frozen.token,
    )  # fmt: skip


def _token(session: botocore.session.Session, name: str) -> Callable[[], str]:
    """Gives the access token of a session that was signed in to; the SDK renews it, as it lives for an hour only.

    Raises:
        UsageError: nobody has signed in, or too long ago to renew it.
    """
    # The SDK finds a session by the profile that names it.
    session.full_config.setdefault("profiles", {})[_NAME] = {"sso_session": name}
    sign_in = f"source aws: sso: sign in first: aws sso login --sso-session {name}"
    found = SSOTokenProvider(session, profile_name=_NAME).load_token()

    def token() -> str:
        try:
            return str(found.get_frozen_token().token)
        except (*_ENTRY_ERRORS, KeyError, ValueError):
            raise UsageError(sign_in) from None

    token()
    return token


def _iso(milliseconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


def _code(error: Exception) -> str:
    return failure(error).code


def _status(error: Exception) -> CoverageStatus:
    return failure(error).status


def _cause(error: Exception) -> str:
    failed = failure(error)
    off = skew(failed.headers)
    return f"{failed} (this machine's clock is off by {off} seconds)" if off else str(failed)
