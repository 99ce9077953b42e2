"""The words in which the company is described."""

from __future__ import annotations

from dataclasses import dataclass, field

from demo_company.clock import START

Statement = dict[str, object]


def allow(actions: str, resources: str = "*", **more: object) -> Statement:
    """A statement; several actions or resources are separated by spaces."""
    return {"Effect": "Allow", "Action": _list(actions), "Resource": _list(resources), **more}


def deny(actions: str, resources: str = "*", **more: object) -> Statement:
    """The same, denying."""
    return {**allow(actions, resources, **more), "Effect": "Deny"}


def document(*statements: Statement) -> dict[str, object]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _list(text: str) -> str | list[str]:
    parts = text.split()
    return parts[0] if len(parts) == 1 else parts


@dataclass(frozen=True)
class Role:
    """An IAM role. Its statements form one managed policy of the same name, or an inline one."""

    account: str
    name: str
    trust: tuple[Statement, ...]
    statements: tuple[Statement, ...] = ()
    before: tuple[str, tuple[Statement, ...]] | None = None
    """Statements (the policy's first version) that were in force until a day."""
    aws: tuple[str, ...] = ()
    """Names of AWS managed policies."""
    inline: bool = False
    owner: str = ""
    code: str = ""
    """Folder of the Terraform tree that declares it."""
    used: str = "daily"
    created: str = START
    until: str = ""
    path: str = "/"
    boundary: str = ""
    profile: bool = False
    """Has an instance profile of the same name."""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Key:
    """An access key of a user."""

    id: str
    created: str
    used: str
    until: str = ""
    service: str = "s3"


@dataclass(frozen=True)
class User:
    """An IAM user."""

    account: str
    name: str
    groups: tuple[str, ...]
    created: str
    keys: tuple[Key, ...] = ()
    password: str = ""
    """How its password is used; empty: no password."""
    password_set: str = ""
    mfa: str = ""
    """virtual, hardware, or empty for none."""
    owner: str = ""
    path: str = "/"


@dataclass(frozen=True)
class Group:
    """An IAM group with one managed policy of the same name, or AWS managed ones."""

    account: str
    name: str
    statements: tuple[Statement, ...] = ()
    aws: tuple[str, ...] = ()


@dataclass(frozen=True)
class PermissionSet:
    """A permission set of Identity Center: where it is assigned, and to which groups."""

    name: str
    description: str
    assigned: tuple[tuple[str, str], ...]
    """Pairs of group and account."""
    statements: tuple[Statement, ...] = ()
    aws: tuple[str, ...] = ()
    hours: int = 8
    created: str = START


@dataclass(frozen=True)
class Bucket:
    """A bucket: `open` says that its public access block is off."""

    account: str
    name: str
    owner: str
    policy: tuple[Statement, ...] = ()
    open: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    created: str = START


@dataclass(frozen=True)
class Function:
    """A Lambda function; `callers` are (service, source ARN) pairs of its resource policy."""

    account: str
    name: str
    runtime: str
    description: str
    callers: tuple[tuple[str, str], ...] = ()
    role: str = ""
    created: str = START


@dataclass(frozen=True)
class Device:
    """An IoT thing, the name of its certificate, and the policy on that certificate."""

    name: str
    kind: str
    certificate: str
    policy: str
    depot: str


@dataclass(frozen=True)
class Agent:
    """A Bedrock agent and the function that is its action group."""

    id: str
    name: str
    tool: str
    instruction: str
    created: str
