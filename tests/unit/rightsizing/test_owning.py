"""Whose a principal is and who approves: the strongest claim, and never the principal itself as approver."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.rightsizing.owning import APPROVING, NOBODY, By, Claim, same_name, whose

CODE = Claim("@acme/printing", By.CODE, "CODEOWNERS, for iam.tf:3")
TAG = Claim("team-tagged", By.TAG, "the tag owner")
ENTRY = Claim("team-entry", By.ENTRY, "estate.yaml, owners[2]")
CHANGED = Claim("arn:aws:iam::1:user/bo", By.CHANGED, "changed it last")
ACCOUNT = Claim("team-account", By.ACCOUNT, "estate.yaml, owners[9], for account 1")
ALICE = Claim("@alice", By.CODE, "CODEOWNERS, for iam.tf:3")
BOTH = Claim("@alice @bo", By.CODE, "CODEOWNERS, for iam.tf:3")

CASES: dict[str, tuple[list[Claim], str, str]] = {
    "code before all": ([ACCOUNT, CHANGED, ENTRY, TAG, CODE], "@acme/printing", "@acme/printing"),
    "a tag owns, and does not approve": ([TAG, ENTRY], "team-tagged", "team-entry"),
    "an entry before who changed it": ([CHANGED, ENTRY], "team-entry", "team-entry"),
    "who changed it owns, the account's owner approves": ([ACCOUNT, CHANGED], "arn:aws:iam::1:user/bo", "team-account"),
    "only a tag": ([TAG], "team-tagged", ""),
    "only who changed it": ([CHANGED], "arn:aws:iam::1:user/bo", ""),
    "only the account's owner": ([ACCOUNT], "team-account", "team-account"),
    "the principal owns itself, another approves": ([ALICE, ENTRY], "@alice", "team-entry"),
    "the principal alone": ([ALICE], "@alice", ""),
    "of two owners the other approves": ([BOTH], "@alice @bo", "@bo"),
    "an empty name is nobody": ([Claim(" ", By.CODE, "x"), ACCOUNT], "team-account", "team-account"),
    "nobody": ([], "", ""),
}


def alice(name: str) -> bool:
    return same_name(name, ["arn:aws:iam::1:user/Alice", "Alice", "alice@acme.example"])


@pytest.mark.parametrize(("claims", "owner", "approver"), CASES.values(), ids=CASES)
def test_owner_and_approver(claims: list[Claim], owner: str, approver: str) -> None:
    found = whose(claims, alice)
    assert (found.owner, found.approver) == (owner, approver)
    assert bool(found.owner_by) and bool(found.approver_by)
    if not approver:
        assert found.approver_by.startswith(NOBODY)
    if any(alice(name) for one in claims if one.by in APPROVING for name in one.who.split()) and approver != "@bo":
        assert "is the principal itself" in found.approver_by


@given(st.lists(st.builds(Claim, st.sampled_from(["@alice", "Alice", "bo", "team", "@alice team"]),
                          st.sampled_from(By), st.just("somewhere"))))  # fmt: skip
def test_the_principal_never_approves(claims: list[Claim]) -> None:
    found = whose(claims, alice)
    assert not any(alice(name) for name in found.approver.split())
    others = [name for one in claims if one.by in APPROVING for name in one.who.split() if not alice(name)]
    assert bool(found.approver) == bool(others)
    assert (found.owner == "") == (not claims)
    if claims:
        assert any(one.who == found.owner and one.by == min(each.by for each in claims) for one in claims)
