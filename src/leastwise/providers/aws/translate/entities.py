"""`get-account-authorization-details`: users, groups, roles and policies of one account, as they are exported.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html. Policy documents stay raw
until they are interned, so that each distinct one is parsed once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NoReturn, cast

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument
from leastwise.providers.encoding import broken
from leastwise.providers.rows import one_time

Time = str | float | None
Pairs = tuple[tuple[str, str], ...]

_NO_TAGS = msgspec.Raw(b"[]")


class Tag(msgspec.Struct, gc=False):
    """A tag."""

    Key: str
    Value: str = ""


class Attached(msgspec.Struct, gc=False):
    """A managed policy named by an entity."""

    PolicyArn: str


class Inline(msgspec.Struct, gc=False):
    """An inline policy."""

    PolicyName: str
    PolicyDocument: msgspec.Raw


class Boundary(msgspec.Struct, gc=False):
    """A permissions boundary."""

    PermissionsBoundaryArn: str | None = None


class LastUsed(msgspec.Struct, gc=False):
    """When a role was last used, in the vendor's window of 400 days."""

    LastUsedDate: Time = None
    Region: str | None = None


class Profile(msgspec.Struct, gc=False):
    """An instance profile of a role."""

    Arn: str


class User(msgspec.Struct):
    """A user."""

    Arn: str
    UserName: str
    UserId: str | None = None
    Path: str = "/"
    CreateDate: Time = None
    UserPolicyList: list[Inline] = []
    GroupList: list[str] = []
    AttachedManagedPolicies: list[Attached] = []
    PermissionsBoundary: Boundary | None = None
    Tags: list[Tag] = []


class Group(msgspec.Struct):
    """A group."""

    Arn: str
    GroupName: str
    GroupId: str | None = None
    Path: str = "/"
    CreateDate: Time = None
    GroupPolicyList: list[Inline] = []
    AttachedManagedPolicies: list[Attached] = []


class Role(msgspec.Struct):
    """A role."""

    Arn: str
    RoleName: str
    AssumeRolePolicyDocument: msgspec.Raw = msgspec.Raw()
    RoleId: str | None = None
    Path: str = "/"
    CreateDate: Time = None
    RolePolicyList: list[Inline] = []
    AttachedManagedPolicies: list[Attached] = []
    PermissionsBoundary: Boundary | None = None
    Tags: list[Tag] = []
    RoleLastUsed: LastUsed | msgspec.UnsetType | None = msgspec.UNSET
    InstanceProfileList: list[Profile] = []


class _User(User):
    """A user with its tags as bytes: the same few are said of very many."""

    Tags: msgspec.Raw = _NO_TAGS  # type: ignore[assignment]


class _Role(Role):
    """A role with its tags as bytes."""

    Tags: msgspec.Raw = _NO_TAGS  # type: ignore[assignment]


class Version(msgspec.Struct, gc=False):
    """A version of a managed policy."""

    VersionId: str
    Document: msgspec.Raw
    IsDefaultVersion: bool = False
    CreateDate: Time = None


class Policy(msgspec.Struct):
    """A managed policy with its versions."""

    Arn: str
    PolicyName: str
    DefaultVersionId: str | None = None
    CreateDate: Time = None
    UpdateDate: Time = None
    PolicyVersionList: list[Version] = []


class Details(msgspec.Struct):
    """The whole response; a missing section stays unset, and is a collection gap."""

    UserDetailList: list[User] | msgspec.UnsetType = msgspec.UNSET
    GroupDetailList: list[Group] | msgspec.UnsetType = msgspec.UNSET
    RoleDetailList: list[Role] | msgspec.UnsetType = msgspec.UNSET
    Policies: list[Policy] | msgspec.UnsetType = msgspec.UNSET
    IsTruncated: bool = False


class _Split(msgspec.Struct):
    """The whole response with every entity still as its bytes."""

    UserDetailList: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    GroupDetailList: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    RoleDetailList: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    Policies: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    IsTruncated: bool = False


SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
USERS, GROUPS, ROLES, POLICIES = range(4)
Entities = tuple[list[User], list[Group], list[Role], list[Policy]]

_SLICE = 512
_DOCUMENTS = ("AssumeRolePolicyDocument", "PolicyDocument", "Document")
_BAD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decode = msgspec.json.Decoder(Details).decode
_decode_split = msgspec.json.Decoder(_Split).decode
_decode_one = [msgspec.json.Decoder(shape).decode for shape in (_User, Group, _Role, Policy)]
_decode_whole = [msgspec.json.Decoder(shape).decode for shape in (User, Group, Role, Policy)]
_decode_tags = msgspec.json.Decoder(list[Tag]).decode


class Apart(NamedTuple):
    """A response of which reading has taken the lists apart; `members` are those and plain values."""

    body: bytes
    members: Mapping[str, object]

    def sections(self) -> list[Sequence[Any]] | None:
        """The entities of every section, each still as its bytes; None for what is no such response."""
        found = [[] if (one := self.members.get(name)) is None else one for name in SECTIONS]
        whole = isinstance(self.members.get("IsTruncated"), bool | None)
        return cast(list[Sequence[Any]], found) if whole and all(isinstance(one, list) for one in found) else None


class RepeatedError(Exception):
    """An entity stands twice, so that its contents have to be compared."""


class Batch:
    """The entities of one file, given out a slice at a time.

    Entities that were decoded just now lie in the processor's cache, and their memory is used again for the next ones:
    that is twice as fast as decoding them all first.
    """

    def __init__(
        self,
        file: str,
        sections: Sequence[Sequence[Any]],
        document: RawDocument | None = None,
        second: bool = False,
        time: datetime | None = None,
    ) -> None:
        self.file, self._sections, self._document = file, sections, document
        self.second, self.time = second, time
        self._tags: dict[bytes, Pairs] = {}

    @classmethod
    def of(cls, document: RawDocument) -> Batch:
        """The entities of a response, decoded when they are asked for. Raises InputError naming file and place."""
        apart = document.apart
        # What was taken apart must be this very body: secrets, say, may have been taken out of it since.
        if isinstance(apart, Apart) and apart.body is document.body and (sections := apart.sections()) is not None:
            return cls(document.name, sections, document, time=document.time)
        try:
            found = _decode_split(document.body)
        except _BAD:
            found = _without_nulls(document, document.body, _decode_split)
        return cls(document.name, [getattr(found, name) or [] for name in SECTIONS], document, time=document.time)

    def slices(self, section: int) -> Iterator[tuple[int, list[Any]]]:
        """(position of the first, entities) of every slice of a section, as `USERS` and the like name it.

        Their tags may be bytes; `tags` tells them.
        """
        return self._slices(section, _decode_one[section])

    def _slices(self, section: int, decode: Callable[[bytes], Any]) -> Iterator[tuple[int, list[Any]]]:
        found = self._sections[section]
        for start in range(0, len(found), _SLICE):
            part = found[start : start + _SLICE]
            if self._document is not None:
                try:
                    part = [decode(one) for one in part]
                except _BAD:
                    part = [_without_nulls(self._document, one, decode) for one in part]
            yield start, cast(list[Any], part)

    def whole(self) -> Entities:
        """Every section as a list."""
        parts = (self._slices(section, decode) for section, decode in enumerate(_decode_whole))
        return cast(Entities, tuple([one for _, part in slices for one in part] for slices in parts))

    def tags(self, found: Sequence[list[Tag] | msgspec.Raw]) -> list[Pairs]:
        """The tags of entities of a slice as pairs; what is said of many is decoded and kept once.

        Raises InputError naming file and place.
        """
        encode, known = msgspec.json.encode, self._tags
        keys = [bytes(one) if type(one) is msgspec.Raw else encode(one) for one in found]
        for key in dict.fromkeys(keys):
            if key not in known:
                known[key] = tuple([(tag.Key, tag.Value) for tag in self._decoded_tags(key)])
        return [known[key] for key in keys]

    def _decoded_tags(self, raw: bytes) -> list[Tag]:
        try:
            return _decode_tags(raw)
        except _BAD:
            if self._document is None:
                raise
            return [] if raw == b"null" else cast(list[Tag], _without_nulls(self._document, raw, _decode_tags))


def _without_nulls(document: RawDocument, raw: bytes | msgspec.Raw, decode: Callable[[bytes], Any]) -> Any:
    """The value decoded with null as absent, which some exporters write. Raises InputError naming file and place."""
    try:
        return decode(_stripped(bytes(raw)))
    except _BAD:
        _blame(document)


def _stripped(raw: bytes) -> bytes:
    return msgspec.json.encode(_strip(msgspec.json.decode(raw)))


def _strip(value: Any) -> Any:
    if isinstance(value, list):
        return [_strip(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: one if key in _DOCUMENTS else _strip(one) for key, one in value.items()
            if one is not None or key in _DOCUMENTS}  # fmt: skip


def _blame(document: RawDocument) -> NoReturn:
    """Raises the InputError that decoding the whole response gives, since that names the place."""
    try:
        _decode(_stripped(document.body))
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise InputError(document.name, cause, place.strip("`")) from None
    except _BAD as error:
        raise InputError(document.name, broken(error, document.body)) from None
    raise InputError(document.name, "not valid JSON")


def without_repeats(batches: Sequence[Batch]) -> list[Batch]:
    """The same entities, each once: one that stands twice with the same content is left out.

    One of a second source gives way to any other, unless it is newer than all of them. Of a role, the newest last use
    stays. Raises InputError naming the file, and both files when two contents of one source differ.
    """
    seen: dict[str, tuple[Batch, object]] = {}
    result = []
    newest = max((one.time for one in batches if one.time and not one.second), default=None)

    def rank(one: Batch) -> int:
        newer = newest is not None and one.time is not None and one.time > newest
        return 1 if not one.second else 0 if newer else 2

    for batch in sorted(batches, key=rank):
        kept: list[list[Any]] = []
        for section, name in zip(batch.whole(), SECTIONS, strict=True):
            fresh: list[Any] = []
            for index, one in enumerate(cast(list[Any], section)):
                other = seen.setdefault(one.Arn, (batch, one))
                if other[1] is one:
                    fresh.append(one)
                elif batch.second != other[0].second or _content(other[1]) == _content(one):
                    _keep_newest_use(other[1], one)
                else:
                    raise InputError(
                        batch.file, f"{one.Arn} is also in {other[0].file} with different content", f"$.{name}[{index}]"
                    )
            kept.append(fresh)
        result.append(Batch(batch.file, kept))
    return result


def _content(entity: object) -> object:
    """What is compared: everything but the counters and the last use, which change from page to page."""
    content = msgspec.json.decode(msgspec.json.encode(entity))
    content.pop("RoleLastUsed", None)
    return content


def _keep_newest_use(kept: object, other: object) -> None:
    if isinstance(kept, Role) and isinstance(other, Role) and _last_use(other) > _last_use(kept):
        kept.RoleLastUsed = other.RoleLastUsed


def _last_use(role: Role) -> tuple[bool, float]:
    used = role.RoleLastUsed
    try:
        time = one_time(used.LastUsedDate) if isinstance(used, LastUsed) else None
    except ValueError:
        time = None
    return isinstance(used, LastUsed), time.timestamp() if time else 0.0
