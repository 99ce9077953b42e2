"""Who outside the zone of trust can reach what: exposures, with what estate.yaml says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances, State
from leastwise.model.exposure import Exposure, Inside, Unread

from .asking import residual_values

if TYPE_CHECKING:
    import pyarrow as pa

    from .asking import Asking
    from .estate_file import EstateFile, Zone

PUBLIC = ("everyone", "any_account")
"""Kinds of outsiders that are nobody in particular."""
_ANY_LENGTH = "*" * 64
"""Stands for a wildcard of what is reached where a glob of estate.yaml is held against it: no `?` takes it in."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is listed.

    Args:
        account: that holds the resource.
        kind: of the resource; several are alternatives.
        public: only what everybody, or somebody of any account, can reach.
        services: also services that act for ourselves only, that use roles, or that no policy names.
        trusted: also what an entry of estate.yaml trusts.
        unknown: also resources of which it was not read whom they let in.
        text: only with this text in the resource, the outsider or its subjects, whatever the case.
    """

    account: str | None = None
    kind: tuple[str, ...] = ()
    public: bool = False
    services: bool = False
    trusted: bool = False
    unknown: bool = False
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One exposure with what estate.yaml says: the entry that trusts it, and why it is meant; empty where none does."""

    exposure: Exposure
    trusted: str = ""
    meant: str = ""


@dataclass(frozen=True, slots=True)
class External:
    """An answer: what is listed, how many more an entry of estate.yaml trusts, and of what it is not known."""

    items: tuple[Listed, ...]
    trusted: int
    unread: tuple[Unread, ...]
    used: tuple[str, ...]


def external(asking: Asking, wanted: Wanted, given: Circumstances) -> External:
    """Every exposure that is wanted, under some circumstances, by every provider of the estate.

    Raises:
        UsageError: for an account or kind that nothing has.
    """
    zone = asking.file.zone_of_trust
    used = {"zone_of_trust"} if zone.accounts or zone.organizations or zone.tenants or zone.domains else set()
    exposures: list[Exposure] = []
    unread: list[Unread] = []
    ours: set[str] = set()
    for one in asking.every:
        inside = _inside(_ours(one, asking.every), zone)
        found = one.access.exposed(inside, one.given(given), services=wanted.services)
        exposures += found.exposures
        unread += found.unread
        ours |= inside.accounts
    _check(wanted, (*exposures, *unread), ours)
    beside = _unread(unread) if wanted.unknown else ()
    listed = _laid([one for one in (*exposures, *beside) if _is_wanted(one, wanted)], asking.file, used)
    items = tuple(one for one in listed if wanted.trusted or not one.trusted)
    lacking = tuple(one for one in unread if wanted.account in (None, one.account))
    return External(items, len(listed) - len(items), lacking, (*asking.used, *sorted(used)))


def _ours(one: Asking, every: Sequence[Asking]) -> Inside:
    """Who is ours by what a provider has read, in all its parts."""
    found = [each.access.inside() for each in every if each.provider == one.provider]
    mine = one.access.inside()
    return Inside(
        mine.accounts.union(*(each.accounts for each in found)),
        mine.organizations.union(*(each.organizations for each in found)),
        mine.domains.union(*(each.domains for each in found)),
        mine.all_domains and all(each.all_domains for each in found),
    )


def _inside(ours: Inside, zone: Zone) -> Inside:
    """Who is ours, with what estate.yaml says of it: who names domains there names all."""
    return Inside(
        ours.accounts | set(zone.accounts),
        ours.organizations | {*zone.organizations, *zone.tenants},
        ours.domains | {one.lower() for one in zone.domains},
        bool(zone.domains),
    )


def _check(wanted: Wanted, found: Sequence[Exposure | Unread], ours: set[str]) -> None:
    """A value that nothing can have is a typo, and would read as "nobody"."""
    accounts, kinds = ours | {one.account for one in found}, {one.kind for one in found}
    if wanted.account is not None and wanted.account not in accounts:
        raise UsageError(f"--account: {wanted.account!r} is none of {', '.join(sorted(accounts)) or 'nothing'}")
    for kind in wanted.kind:
        service, colon, name = kind.partition(":")
        if not (service and colon and name) and kind not in kinds:
            raise UsageError(f"--kind: {kind!r} is no kind of a resource, as s3:bucket or iam:role")


def _is_wanted(one: Exposure, wanted: Wanted) -> bool:
    if wanted.account is not None and one.account != wanted.account:
        return False
    if wanted.kind and one.kind not in wanted.kind:
        return False
    if wanted.public and one.principal_kind not in PUBLIC:
        return False
    searched = (one.resource, one.principal, *one.resources, *one.subjects)
    return not wanted.text or any(wanted.text.lower() in text.lower() for text in searched)


def _unread(unread: Sequence[Unread]) -> Iterator[Exposure]:
    """What was not read, as exposures to somebody who is not known."""
    for one in unread:
        about = (one.resource, one.kind, one.account)
        yield Exposure(*about, "", "unknown", "", (), (one.resource,), (), State.UNKNOWN, (), one.missing)


# --- estate.yaml ------------------------------------------------------------------------------------------------------


def _laid(exposures: Sequence[Exposure], file: EstateFile, used: set[str]) -> list[Listed]:
    """The exposures with what the file says; `used` gets the parts of it that count."""
    trusted, meant = _trusted(exposures, file, used), _meant(exposures, file, used)
    return [Listed(one, trusted.get(number, ""), meant.get(number, "")) for number, one in enumerate(exposures)]


def _trusted(exposures: Sequence[Exposure], file: EstateFile, used: set[str]) -> dict[int, str]:
    """The entry that trusts each exposure: for the resource, or for all that is reached of it."""
    import pyarrow as pa

    from .zone import entries

    zone = file.zone_of_trust
    if not (zone.exceptions or file.vendors or zone.identity_providers):
        return {}
    owners: list[tuple[int, int]] = []
    accounts: list[str | None] = []
    texts: list[str] = []
    for number, one in enumerate(exposures):
        if one.principal_kind == "federated":
            continue
        for place, text in enumerate((one.resource, *(text.replace("*", _ANY_LENGTH) for text in one.resources))):
            owners.append((number, place))
            accounts.append(one.principal_account or None)
            texts.append(text)
    rows = pa.table({"subject_account": pa.array(accounts, pa.string()), "principal": pa.array(texts, pa.string())})
    found: dict[int, str] = {}
    for part, name, holds in entries(rows, file):
        for number in _held(owners, holds, exposures):
            found.setdefault(number, name)
            used.add(part)
    return found | _providers(exposures, file, used)


def _held(owners: Sequence[tuple[int, int]], holds: pa.Array, exposures: Sequence[Exposure]) -> Iterator[int]:
    """The exposures of which the resource, or everything that is reached, is held."""
    reached: dict[int, set[int]] = {}
    for (number, place), held in zip(owners, holds.to_pylist(), strict=True):
        if held:
            reached.setdefault(number, set()).add(place)
    for number, places in reached.items():
        if 0 in places or len(places) == len(exposures[number].resources):
            yield number


def _providers(exposures: Sequence[Exposure], file: EstateFile, used: set[str]) -> dict[int, str]:
    """The identity providers that belong to us."""
    import pyarrow as pa

    from .globs import globs

    wanted = file.zone_of_trust.identity_providers
    numbers = [number for number, one in enumerate(exposures) if one.principal_kind == "federated"]
    column = pa.chunked_array([[exposures[number].principal for number in numbers]], pa.string())
    held = globs(column, wanted).to_pylist()
    found = {number: "zone_of_trust.identity_providers" for number, one in zip(numbers, held, strict=True) if one}
    if found:
        used.add("zone_of_trust")
    return found


def _meant(exposures: Sequence[Exposure], file: EstateFile, used: set[str]) -> dict[int, str]:
    """Why a resource is meant to be public, of what everybody can reach."""
    import pyarrow as pa

    from .globs import globs

    numbers = [number for number, one in enumerate(exposures) if one.principal_kind in PUBLIC]
    column = pa.chunked_array([[exposures[number].resource for number in numbers]], pa.string())
    found: dict[int, str] = {}
    for entry in file.public_on_purpose:
        for number, held in zip(numbers, globs(column, [entry.resource]).to_pylist(), strict=True):
            if held:
                found.setdefault(number, entry.reason)
                used.add("public_on_purpose")
    return found


# --- plain values -----------------------------------------------------------------------------------------------------


def listed_values(one: Listed) -> dict[str, Any]:
    """An exposure as the JSON interface has it."""
    exposure = one.exposure
    return {
        "resource": exposure.resource,
        "kind": exposure.kind,
        "account": exposure.account,
        "principal": exposure.principal,
        "principal_kind": exposure.principal_kind,
        "principal_account": exposure.principal_account,
        "permissions": list(exposure.permissions),
        "resources": list(exposure.resources),
        "exceptions": list(exposure.exceptions),
        "state": str(exposure.state),
        "residual": residual_values(exposure.residual),
        "missing": list(exposure.missing),
        "reasons": [asdict(reason) for reason in exposure.reasons],
        "subjects": list(exposure.subjects),
        "source": exposure.source,
        "trusted": one.trusted,
        "meant": one.meant,
    }


def external_values(found: External) -> dict[str, Any]:
    """The answer as the JSON interface has it, without the estate."""
    return {
        "items": [listed_values(one) for one in found.items],
        "next": None,
        "total": len(found.items),
        "trusted": found.trusted,
        "missing": [
            {"resource": one.resource, "kind": one.kind, "account": one.account, "missing": list(one.missing)}
            for one in found.unread
        ],
    }
