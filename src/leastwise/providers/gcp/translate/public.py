"""What opens resources to everyone: allow policies, access lists of buckets and datasets, and what blocks them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from leastwise.providers.gcp.language.members import Kind, parse_member
from leastwise.providers.members import Object

from .context import Context
from .documents import Statement
from .reading import objects, text, truth
from .roles import services_of

_PUBLIC = (Kind.EVERYONE, Kind.AUTHENTICATED)
_BUCKET, _DATASET = "storage.googleapis.com/Bucket", "bigquery.googleapis.com/Dataset"
_WORDS = {"READER": "read", "WRITER": "write", "OWNER": "full"}


def opening(statements: Sequence[Statement]) -> tuple[str, str]:
    """How far bindings open a resource (see resources.opening), and the role that opens it widest."""
    found = ("none", "")
    for one in statements:
        if any(parse_member(who).kind in _PUBLIC for who in one.principals):
            if one.condition is None:
                return "everyone", one.actions[0]
            found = ("conditional", one.actions[0])
    return found


_OPEN = ("none", "conditional", "everyone")


def widest(*found: tuple[str, str]) -> tuple[str, str]:
    """Of several openings the one that opens most, the first of equal ones."""
    return max(found, key=lambda one: _OPEN.index(one[0]))


Above = Mapping[str, Sequence[tuple[str, str, frozenset[str] | None]]]
"""By container: how far a binding opens it, the role, and the services of the role; None where these are not known."""


def container_openings(context: Context) -> Above:
    """The bindings of organizations, folders and projects that name everyone: they hold of what lies below, too."""
    found: dict[str, list[tuple[str, str, frozenset[str] | None]]] = {}
    for (layer, target, _), (document, _) in context.attached.items():
        if layer != "allow" or target.startswith("//") or document is None:
            continue
        for one in context.documents.statements[document]:
            word, role = opening([one])
            if word != "none":
                permissions = context.permissions_of(role)
                services = None if permissions is None else services_of(permissions)
                found.setdefault(target, []).append((word, role, services))
    return found


def inherited(context: Context, above: Above, kind: str, path: Sequence[str]) -> Iterator[tuple[str, str]]:
    """How far containers above a resource of this kind open it."""
    service = kind.partition(":")[0]
    for node in path if above else ():
        place = context.account(node)
        for word, role, services in above.get(place, ()):
            if services is None or service in services:
                yield word, f"{role} on {place}"


def openings(context: Context, name: str, type: str, data: Object, details: dict[str, str]) -> None:
    """What a bucket's or dataset's own description says of access lists and blocks."""
    if type == _BUCKET:
        settings = data.get("iamConfiguration")
        uniform = truth(settings, "uniformBucketLevelAccess", "enabled")
        if uniform is None:
            uniform = truth(settings, "bucketPolicyOnly", "enabled")
        prevention = text(settings, "publicAccessPrevention")
        details |= {"uniform_access": "yes" if uniform else "no"} if uniform is not None else {}
        details |= {"public_access_prevention": prevention} if prevention else {}
        listed = [one for part in ("acl", "defaultObjectAcl") for one in objects(data, part)]
        context.resource(
            name, "", acl_public="none" if uniform else _widest(listed, "entity"),
            public_block="all" if prevention == "enforced" else None,
        )  # fmt: skip
    elif type == _DATASET:
        context.resource(name, "", acl_public=_widest(objects(data, "access"), "specialGroup", "iamMember"))


def _widest(entries: Sequence[Object], *members: str) -> str | None:
    """The most that an access list grants to everyone; None where none was told, or it may not be all of it."""
    found = ""
    for one in entries:
        if any(text(one, member) in ("allUsers", "allAuthenticatedUsers") for member in members):
            word = _WORDS.get(text(one, "role").upper(), "read")
            found = max(found, word, key=["", "read", "write", "full"].index)
    return found or None


def outsiders(context: Context, statements: Sequence[Statement]) -> list[str]:
    """Whom bindings name that is surely outside of the organization's directory."""
    found: dict[str, None] = {}
    for one in statements:
        for who in one.principals:
            id = context.members.id(who, "")
            member = context.members.member(id)
            if context.members.directory(id) == "foreign" and member.kind not in _PUBLIC and not member.deleted:
                found.setdefault(id)
    return list(found)
