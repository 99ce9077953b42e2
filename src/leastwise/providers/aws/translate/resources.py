"""Resources, their policies and access lists, and what keeps them from the public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from leastwise.errors import InputError
from leastwise.providers.rows import Facts

from .access_list import acl_public, list_document
from .documents import Documents
from .openings import CONDITIONAL, EVERYONE, NONE, WORDS, Opening, opening
from .shapes import Node

_KINDS = {
    "s3": "s3:bucket",
    "sqs": "sqs:queue",
    "sns": "sns:topic",
}

_SLICE = 256


def as_policy(value: Any) -> bytes:
    """A policy as document bytes, whether given as an object or as a JSON text."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    try:
        return msgspec.json.encode(value)
    except RecursionError:
        return b"null"


def kind_of(arn: str) -> tuple[str, str, str | None]:
    """(service:type, short name, region or None) read off an ARN."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "unknown", arn, None
    service, region, rest = parts[2], parts[3] or None, parts[5]
    if service in _KINDS and "/" not in rest:
        return _KINDS[service], rest, region
    head, slash, tail = rest.partition("/")
    if not slash:
        head, slash, tail = rest.partition(":")
    return (f"{service}:{head}", tail, region) if slash else (service, rest, region)


def public_block(*settings: dict[str, Any] | None) -> str:
    """What public access blocks, of the bucket and of its account together, stop: none, policy, acl or all.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html: the most restrictive
    combination of bucket and account applies; BlockPublicPolicy alone does not stop a policy that is already there.
    """
    on = {key.lower() for one in settings if one for key, value in one.items() if value is True or value == "true"}
    policy, acl = "restrictpublicbuckets" in on, "ignorepublicacls" in on
    return "all" if policy and acl else "policy" if policy else "acl" if acl else "none"


class _Laid(NamedTuple):
    """A document in force on a resource: its row, its name, its kind, and where it was read."""

    document: int
    name: str
    kind: str
    source: str


class Resources:
    """The resources of one scope while their facts arrive in any order."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.rows: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, list[tuple[bytes, str, str]]] = {}
        self.named: dict[str, dict[str, tuple[bytes, str, str]]] = {}
        self.blocks: dict[str, dict[str, Any]] = {}
        self.account_block: dict[str, Any] | None = None
        self.account_block_known = False
        self.blocks_known = False
        self.grantees: dict[str, list[str]] = {}
        self.lists: dict[str, tuple[list[Node], str, str]] = {}
        self.owners: set[str] = set()
        self.without_lists: set[str] = set()

    def add(self, arn: str, source: str, **values: Any) -> dict[str, Any]:
        """The resource's row, made if new; values that are None change nothing."""
        row = self.rows.get(arn)
        if row is None:
            kind, name, region = kind_of(arn)
            row = self.rows[arn] = {
                "id": arn, "account": self.account, "kind": kind, "name": name, "region": region, "source": source,
                "policy_known": False,
            }  # fmt: skip
        row.update({key: value for key, value in values.items() if value is not None})
        return row

    def policy(self, arn: str, policy: Any, source: str, call: str = "") -> None:
        """Its resource policy, as `call` told it; None means that the vendor was asked and there is none.

        Several sources may tell of one resource; what differs is kept, and the widest opening counts.
        """
        self.add(arn, source, policy_known=True)
        if policy is not None:
            self.policies.setdefault(arn, []).append((as_policy(policy), source, call))

    def access_list(self, arn: str, source: str, grants: list[Node], owner: str | None) -> None:
        """Its access list: what it grants to everyone, and the canonical users that it names."""
        self.add(arn, source, acl_public=acl_public(grants))
        self.lists[arn] = (grants, owner or "", source)
        ids = [one.node("Grantee").raw("ID") for one in grants]
        self.grantees[arn] = [one for one in ids if isinstance(one, str) and one]
        if owner:
            self.owners.add(owner)
            row = self.rows[arn]
            row["details"] = [*(pair for pair in row.get("details", ()) if pair[0] != "owner"), ("owner", owner)]

    def named_policy(self, arn: str, name: str, policy: Any, source: str, kind: str = "resource") -> None:
        """One of several policies that a resource has beside each other, each with a name: all hold together.

        Of another `kind` (a grant), it says nothing about the policy that the resource may have.
        """
        self.add(arn, source, policy_known=True if kind == "resource" else None)
        self.named.setdefault(arn, {})[name] = (as_policy(policy), source, kind)

    def texts(self, arn: str) -> list[bytes]:
        """Every policy read of a resource."""
        return [one[0] for one in (*self.policies.get(arn, ()), *self.named.get(arn, {}).values())]

    def write(self, facts: Facts, documents: Documents) -> None:
        """Add every resource, and an attachment for each resource policy. Raises InputError for a contradiction."""
        rows = [self.rows[arn] for arn in sorted(self.rows)]
        known: dict[int, Opening | None] = {}
        laid: list[tuple[dict[str, Any], _Laid]] = []
        interned: dict[bytes, int] = {}
        for row in rows:
            self._lay_list(row["id"])
        for number, row in enumerate(rows):
            if number % _SLICE == 0:  # then their statements are still at hand below
                some = rows[number : number + _SLICE]
                bodies = [body for one in some for body in self.texts(one["id"])]
                interned = dict(zip(bodies, documents.intern_all(bodies), strict=True))
            given = self._laid_on(row["id"], facts, interned)
            for one in given:
                if one.document not in known:
                    readable = documents.readable(one.document)
                    parsed = documents.parsed(one.document) if readable else []
                    known[one.document] = opening(parsed, self.account) if readable else None
            own = {one.document for one in given if one.kind == "resource"}
            told = {one.document: known[one.document] for one in given if one.kind != "acl"}
            row.update(_opened(row, own, told))
            laid += [(row, one) for one in given]
            if row["kind"] == "s3:bucket":
                row["public_block"] = self._block(row["id"])
                self._read_list(row["id"], row)
            if "details" in row:
                # Several calls tell of a thing, in whatever order they were read.
                row["details"].sort()
        facts.attachments.extend(
            len(laid),
            account=[self.account] * len(laid),
            layer=["endpoint" if row["kind"] == "ec2:vpc-endpoint" else "resource" for row, _ in laid],
            kind=[one.kind for _, one in laid],
            target=[row["id"] for row, _ in laid],
            policy=[one.name for _, one in laid],
            document=[one.document for _, one in laid],
            source=[one.source for _, one in laid],
        )
        facts.resources.add_all(rows)

    def _lay_list(self, arn: str) -> None:
        """The access list as what it gives, in force beside the policies."""
        grants, owner, source = self.lists.get(arn, ([], "", ""))
        if not grants or arn in self.without_lists:
            return
        ignored = public_block(self.blocks.get(arn), self.account_block) in ("acl", "all")
        body = list_document(arn, grants, owner, public=not ignored)
        if body is not None:
            self.named_policy(arn, "access list", body, source, "acl")

    def _laid_on(self, arn: str, facts: Facts, interned: Mapping[bytes, int]) -> list[_Laid]:
        """The distinct policies of a resource, and those that stand beside each other by name.

        `interned` has the number of each.
        """
        own = self._documents_of(arn, facts, interned) if arn in self.policies else {}
        found = [_Laid(number, "resource policy", "resource", source) for number, source in own.items()]
        for name, (body, source, kind) in self.named.get(arn, {}).items():
            found.append(_Laid(interned[body], name, kind, source))
        return found

    def _documents_of(self, arn: str, facts: Facts, interned: Mapping[bytes, int]) -> dict[int, str]:
        """The distinct policies of a resource and where each was read; a gap tells of several.

        Raises InputError if one call tells two contents of it.
        """
        given: dict[int, str] = {}
        told: dict[str, tuple[int, str]] = {}
        for body, source, call in self.policies.get(arn, ()):
            number = interned[body]
            given.setdefault(number, source)
            other, first = told.setdefault(call, (number, source))
            if other != number:
                raise InputError(source, f"{arn} also has a policy in {first}, with different content")
        if len(given) > 1:
            facts.coverage.add(
                service="import", call="resource policies", status="failed",
                detail=f"{arn} has different policies in {' and '.join(given.values())}; the widest opening counts",
                affects=f"which policy {arn} has",
            )  # fmt: skip
        return given

    def _read_list(self, arn: str, row: dict[str, Any]) -> None:
        """What the access list adds; with ownership enforced, lists have no effect.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
        """
        if arn in self.without_lists:
            row["acl_public"] = "none"
        elif self.owners:
            named = [f"CanonicalUser={one}" for one in self.grantees.get(arn, ())]
            row["shared"] = list(dict.fromkeys([*row.get("shared", ()), *named]))
        ours = {f"CanonicalUser={one}" for one in self.owners}
        row["shared"] = [one for one in row.get("shared", ()) if one not in ours]

    def _block(self, arn: str) -> str | None:
        """The blocks of a bucket and its account; None when a part that was not read could change it."""
        found = public_block(self.blocks.get(arn), self.account_block)
        known = found == "all" or (self.account_block_known and (arn in self.blocks or self.blocks_known))
        return found if known else None


def _opened(row: dict[str, Any], own: set[int], policies: dict[int, Opening | None]) -> dict[str, Any]:
    """The columns of a resource that its policies fill: the widest opening, null if an unread one could be wider.

    `own` are the documents among `policies` that are its resource policies.
    """
    if row["kind"] == "ec2:vpc-endpoint":  # its policy is a filter of what passes it, it gives nothing
        return {"opening": WORDS[NONE]} | ({"policy": next(iter(policies))} if policies else {})
    read = [one for one in policies.values() if one is not None]
    widest = max(read, key=lambda one: one.degree, default=Opening(NONE, "", False, ()))
    sure = row["policy_known"] and len(read) == len(policies)
    found: dict[str, Any] = {
        "opening": WORDS[widest.degree] if sure or widest.degree == EVERYONE else None,
        "opened_by": widest.statement,
        "restrictable": any(one.restrictable for one in read),
        "shared": list(dict.fromkeys(name for one in read for name in one.shared)),
    }
    if own:
        degrees = {number: one.degree if (one := policies[number]) else CONDITIONAL for number in sorted(own)}
        found["policy"] = max(degrees, key=lambda number: degrees[number])
    return found
