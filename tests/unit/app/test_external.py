"""What estate.yaml says of exposures: zone of trust, exceptions, vendors, identity providers, meant to be public."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from leastwise.app.asking import Asking
from leastwise.app.estate_file import EstateFile, PublicOnPurpose, TrustException, Vendor, Zone
from leastwise.app.external import External, Wanted, external, external_values
from leastwise.engine.access import Access
from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances, Needed, State
from leastwise.model.exposure import Exposed, Exposure, Inside, Unread
from leastwise.model.snapshot import Estate

A, X, Y = "111111111111", "888888888888", "999999999999"
BUCKET = "arn:aws:s3:::scans"
ROLE = f"arn:aws:iam::{A}:role/app"
GITHUB = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"


def exposure(resource: str = BUCKET, account: str = X, **more: Any) -> Exposure:
    kind = "s3:bucket" if resource.startswith("arn:aws:s3") else "iam:role"
    who = (f"arn:aws:iam::{account}:root", "account", account)
    made = Exposure(resource, kind, A, *who, ("s3:GetObject",), (resource,), (), State.ALLOWED)
    return replace(made, **more)


PUBLIC = exposure(principal="*", principal_kind="everyone", principal_account="")
ANY = exposure(ROLE, principal="any AWS account", principal_kind="any_account", principal_account="")
PROVIDER = exposure(ROLE, principal=GITHUB, principal_kind="federated", principal_account=A, subjects=("repo:ours/x",))
UNREAD = Unread("arn:aws:sqs:eu-west-1:111111111111:q", "sqs:queue", A, ("policy of q: was not asked for",))


class Fixed:
    """An estate that gives the same answer to whoever asks, and keeps what it was asked."""

    def __init__(self, *exposures: Exposure) -> None:
        self.answer = Exposed(exposures, (UNREAD,))
        self.asked: list[tuple[Inside, Circumstances, bool]] = []

    def inside(self) -> Inside:
        return Inside(frozenset({A}), frozenset({"o-ours"}))

    def exposed(self, inside: Inside, given: Circumstances, *, services: bool = False) -> Exposed:
        self.asked.append((inside, given, services))
        return self.answer


def ask(fixed: Fixed, file: EstateFile | None = None, **wanted: Any) -> External:
    given = Circumstances(strict=wanted.pop("strict", False))
    return external(asking(fixed, file), Wanted(**wanted), given)


def asking(fixed: Fixed, file: EstateFile | None = None) -> Asking:
    estate = Estate(datetime(2026, 11, 1, tzinfo=UTC), ())
    return Asking(estate, file or EstateFile(version=1), cast(Access, fixed), "aws")


def test_the_zone_of_trust_is_inside() -> None:
    fixed = Fixed()
    zone = Zone(accounts=[X], organizations=["o-theirs"])
    assert ask(fixed, EstateFile(version=1, zone_of_trust=zone)).used == ("zone_of_trust",)
    assert ask(fixed).used == ()
    assert [inside for inside, _, _ in fixed.asked] == [
        Inside(frozenset({A, X}), frozenset({"o-ours", "o-theirs"})),
        Inside(frozenset({A}), frozenset({"o-ours"})),
    ]


def test_modes_are_passed_on() -> None:
    fixed = Fixed()
    ask(fixed, strict=True, services=True)
    ((_, given, services),) = fixed.asked
    assert given.strict and services


TRUSTING: list[tuple[EstateFile, str, str]] = [
    (EstateFile(version=1, vendors=[Vendor("Sorter", X)]), "vendors: Sorter", "vendors"),
    (EstateFile(version=1, vendors=[Vendor("Sorter", X, [BUCKET])]), "vendors: Sorter", "vendors"),
    (EstateFile(version=1, vendors=[Vendor("Sorter", X, ["arn:aws:s3:::sc*"])]), "vendors: Sorter", "vendors"),
    (EstateFile(version=1, zone_of_trust=Zone(exceptions=[TrustException(Y), TrustException(X, [BUCKET])])),
     "zone_of_trust.exceptions[1]", "zone_of_trust"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "entry", "part"), TRUSTING, ids=lambda one: str(one)[-60:])
def test_vendors_and_exceptions_are_trusted_for_their_resources(file: EstateFile, entry: str, part: str) -> None:
    other, role = exposure(account=Y), exposure(ROLE)
    fixed = Fixed(exposure(), other, role)
    plain = ask(fixed, file)
    both = [other] if "Sorter" in entry and not file.vendors[0].resources else [other, role]
    assert [one.exposure for one in plain.items] == both
    assert plain.trusted == 3 - len(both) and part in plain.used
    assert ask(fixed, file, trusted=True).items[0].trusted == entry
    assert ask(fixed, file, trusted=True).trusted == 0


REACHED = [
    ((f"{BUCKET}/*",), [f"{BUCKET}/*"], True),
    ((f"{BUCKET}/in/*",), [f"{BUCKET}/*"], True),
    ((f"{BUCKET}/in/*", f"{BUCKET}/out/*"), [f"{BUCKET}/*"], True),
    ((f"{BUCKET}/*",), [f"{BUCKET}/in/*"], False),
    ((f"{BUCKET}/in/*", f"{BUCKET}/out/*"), [f"{BUCKET}/in/*"], False),
    ((f"{BUCKET}/*",), [f"{BUCKET}/?"], False),
    ((f"{BUCKET}/*",), [f"{BUCKET}/??????"], False),
    ((BUCKET,), [f"{BUCKET}/*"], False),
    ((f"{BUCKET}/x",), [f"{BUCKET}/?"], True),
]


@pytest.mark.parametrize(("reached", "entry", "trusted"), REACHED)
def test_an_entry_trusts_what_it_takes_in_whole(reached: tuple[str, ...], entry: list[str], trusted: bool) -> None:
    file = EstateFile(version=1, vendors=[Vendor("Sorter", X, entry)])
    found = ask(Fixed(exposure(resources=reached)), file)
    assert (found.trusted == 1, not found.items) == (trusted, trusted)


def test_identity_providers_are_trusted_by_name_alone() -> None:
    assert len(ask(Fixed(PROVIDER), EstateFile(version=1, vendors=[Vendor("v", A)])).items) == 1
    zone = Zone(identity_providers=["*:oidc-provider/token.actions.githubusercontent.com"])
    found = ask(Fixed(PROVIDER, exposure()), EstateFile(version=1, zone_of_trust=zone), trusted=True)
    assert [one.trusted for one in found.items] == ["zone_of_trust.identity_providers", ""]
    assert found.used == ("zone_of_trust",)


def test_what_is_meant_to_be_public_is_listed_with_the_reason() -> None:
    file = EstateFile(version=1, public_on_purpose=[PublicOnPurpose(BUCKET, "the website"), PublicOnPurpose("*", "x")])
    found = ask(Fixed(PUBLIC, exposure()), file)
    assert [(one.meant, one.trusted) for one in found.items] == [("the website", ""), ("", "")]
    assert found.used == ("public_on_purpose",)


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [0, 1, 2, 3]),
    ({"kind": ("iam:role",)}, [2, 3]),
    ({"kind": ("iam:role", "s3:bucket")}, [0, 1, 2, 3]),
    ({"kind": ("sqs:queue",)}, []),
    ({"public": True}, [1, 3]),
    ({"account": A}, [0, 1, 2, 3]),
    ({"text": "REPO:ours"}, [2]),
    ({"text": "scans"}, [0, 1]),
    ({"text": X}, [0]),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS, ids=str)
def test_filters(wanted: dict[str, Any], expected: list[int]) -> None:
    every = (exposure(), PUBLIC, PROVIDER, ANY)
    assert [one.exposure for one in ask(Fixed(*every), **wanted).items] == [every[number] for number in expected]


def test_what_was_not_read_becomes_an_item_when_asked_for() -> None:
    found = ask(Fixed(PUBLIC), unknown=True, kind=("sqs:queue",))
    (one,) = found.items
    assert (one.exposure.principal_kind, one.exposure.state) == ("unknown", State.UNKNOWN)
    assert one.exposure.missing == UNREAD.missing and found.unread == (UNREAD,)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"account": "123456789012"}, "--account: '123456789012' is none of 111111111111"),
        ({"kind": ("bucket",)}, "--kind: 'bucket' is no kind of a resource, as s3:bucket or iam:role"),
    ],
)
def test_values_that_nothing_can_have_are_refused(wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        ask(Fixed(), **wanted)
    assert str(caught.value) == message


def test_plain_values() -> None:
    conditional = exposure(
        state=State.CONDITIONAL, residual=((Needed("aws:SourceIp", "IpAddress", ("192.0.2.0/24",)),),)
    )
    fixed = Fixed(conditional)
    answer = external_values(ask(fixed))
    assert list(answer) == ["items", "next", "total", "trusted", "missing"]
    assert answer["total"] == 1 and answer["next"] is None and answer["missing"][0]["resource"] == UNREAD.resource
    (item,) = answer["items"]
    assert item["residual"] == [
        [{"key": "aws:SourceIp", "operator": "IpAddress", "values": ("192.0.2.0/24",), "negated": False}]
    ]
    assert {"trusted", "meant", "subjects", "source", "reasons", "exceptions"} <= set(item)
