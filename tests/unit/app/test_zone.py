"""Who is trusted: accounts and organizations of the estate, the zone of trust, exceptions and vendors."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from leastwise.app.estate_file import EstateFile, TrustException, Vendor, Zone
from leastwise.app.zone import external_id_expected, into, trusted

OURS, X, ROLE = "111111111111", "999999999999", "arn:aws:iam::111111111111:role/r"
ORG, OTHER = "o-aaaaaaaaaa", "o-bbbbbbbbbb"


def asked(
    account: str | None, organizations: list[str], file: EstateFile, ours: Any = ((OURS,), (ORG,)), *,
    provider: str = "aws", kind: str = "anyone", subject: str = "*",
) -> tuple[bool | None, bool | None, set[str]]:  # fmt: skip
    table = pa.table(
        {
            "provider": pa.chunked_array([[provider]], pa.string()),
            "subject_kind": pa.chunked_array([[kind]], pa.string()),
            "subject": pa.chunked_array([[subject]], pa.string()),
            "subject_account": pa.chunked_array([[account]], pa.string()),
            "organizations": pa.chunked_array([[organizations]], pa.list_(pa.string())),
            "principal": pa.chunked_array([[ROLE]], pa.string()),
        }
    )
    used: set[str] = set()
    note = into(used)
    (who,), (needed,) = trusted(table, file, ours, note), external_id_expected(table, file, ours, note, ("aws",))
    return who.as_py(), needed.as_py(), used


def test_accounts_and_organizations_of_ours() -> None:
    empty = EstateFile(version=1)
    assert asked(OURS, [], empty) == (True, False, set())
    assert asked(X, [], empty) == (False, True, set())
    assert asked(None, [ORG], empty)[0] is True and asked(None, [ORG, OTHER], empty)[0] is False
    assert asked(X, [ORG], empty)[0] is True
    zone = EstateFile(version=1, zone_of_trust=Zone(organizations=[OTHER]))
    assert asked(None, [ORG, OTHER], zone) == (True, False, {"zone_of_trust"})


def test_organizations_are_not_judged_when_none_of_ours_is_known() -> None:
    alone = ((OURS,), ())
    assert asked(None, [ORG], EstateFile(version=1), alone)[:2] == (None, None)
    assert asked(OURS, [ORG], EstateFile(version=1), alone)[:2] == (True, False)
    assert asked(X, [], EstateFile(version=1), alone)[:2] == (False, True)


def test_vendors_and_exceptions_count_for_their_resources() -> None:
    def vendor(**values: Any) -> EstateFile:
        return EstateFile(version=1, vendors=[Vendor("v", X, **values)])

    assert asked(X, [], vendor()) == (True, True, {"vendors"})
    assert asked(X, [], vendor(external_id=False)) == (True, False, {"vendors"})
    assert asked(X, [], vendor(resources=["arn:aws:iam::*:role/r"]))[0] is True
    assert asked(X, [], vendor(resources=["arn:aws:s3:::b"], external_id=False)) == (False, True, set())
    exception = EstateFile(version=1, zone_of_trust=Zone(exceptions=[TrustException(X, [ROLE])]))
    assert asked(X, [], exception)[:2] == (True, False)
    nothing = EstateFile(version=1, zone_of_trust=Zone(exceptions=[TrustException(X)]))
    assert asked(X, [], nothing)[0] is False


GOOGLE: Any = (("shop", "folders/2"), ("organizations/1", "C01abc"))


@pytest.mark.parametrize(
    ("kind", "subject", "account", "expected"),
    [
        ("principal", "serviceAccount:app@shop.iam.gserviceaccount.com", "shop", True),
        ("principal", "serviceAccount:app@other.iam.gserviceaccount.com", "other", False),
        ("principal", "user:zoe@gmail.com", "gmail.com", False),
        ("principal", "user:pat@partner.example", "partner.example", False),
        ("principal", "user:pat@maybe.example", None, None),
        ("group", "group:all@maybe.example", None, None),
        ("oidc", "token.actions.githubusercontent.com", None, False),
        ("pool", "principalSet://iam.googleapis.com/locations/global/workforcePools/staff/*", None, False),
    ],
)
def test_a_provider_without_external_ids_expects_none(
    kind: str, subject: str, account: str | None, expected: bool | None
) -> None:
    told = asked(account, [], EstateFile(version=1), GOOGLE, provider="gcp", kind=kind, subject=subject)
    assert told == (expected, False, set())


def test_a_domain_or_an_identity_provider_of_the_zone_is_trusted() -> None:
    zone = EstateFile(
        version=1, zone_of_trust=Zone(domains=["partner.example"], identity_providers=["token.actions.*"])
    )

    def trusts(kind: str, subject: str, account: str | None) -> bool | None:
        return asked(account, [], zone, GOOGLE, provider="gcp", kind=kind, subject=subject)[0]

    assert trusts("principal", "user:pat@partner.example", "partner.example") is True
    assert trusts("principal", "user:pat@partners.example", "partners.example") is False
    assert trusts("oidc", "token.actions.githubusercontent.com", None) is True
    assert trusts("oidc", "gitlab.com", None) is False
    assert trusts("principal", "token.actions.githubusercontent.com", None) is None, "no provider of identities"
