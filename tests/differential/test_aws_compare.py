"""What two principals are told to differ in, where something was not read, holds for everything that it may say.

An estate is drawn, one document of it made unreadable, and then given several contents: whatever `can` tells apart in
one of these, is told as a difference, or the document is named as what may make one.
"""

from __future__ import annotations

import os
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import APP, BUCKET, FULL, KEY, QUESTIONS, QUEUE, ROLES, USERS, A, B, Estate, contexts, estates
from test_aws_diff import Port, told

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to

PRINCIPALS = sorted({**USERS, **ROLES})
UNREADABLE: dict[str, Any] = {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}
PLACES = [
    *(("resource", one) for one in (BUCKET, QUEUE, KEY)), ("trust", APP), ("groups", "red"), ("scps", A),
    ("scps", "r-root"), ("rcps", A), *(("identity", one) for one in PRINCIPALS[:2]), ("boundary", PRINCIPALS[0]),
]  # fmt: skip
EXAMPLES = 400 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 25
checked = {"asked": 0, "apart": 0, "alike": 0, "unknown": 0}


def with_document(estate: Estate, place: tuple[str, str], document: dict[str, Any]) -> Port:
    """The estate with another document in a place."""
    found = deepcopy(estate)
    part, name = place
    getattr(found, part)[name] = document if part in ("resource", "trust", "boundary") else [document]
    return Port(access_to(collected(found.documents())))


def naming(principal: str, *, effect: str = "Allow") -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": {"AWS": principal}, "Action": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def contents(part: str, name: str, first: str) -> list[dict[str, Any]]:
    """Contents that a document of a place may have."""
    if part == "trust":
        return [
            {"Version": "2012-10-17", "Statement": [{**one["Statement"][0], "Action": "sts:*"}]}
            for one in (naming(first), naming(first, effect="Deny"), naming(A), naming("*"))
        ]
    if part == "resource":
        action, what = name.split(":")[2], [name, f"{name}/*"]
        made = (naming(first), naming(first, effect="Deny"), naming(A), naming("*"))
        return [
            {**one, "Statement": [{**one["Statement"][0], "Action": f"{action}:*", "Resource": what}]} for one in made
        ]
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "account:*", "Resource": "*"}]}
    if part == "rcps":
        return [
            naming("*"),
            {"Version": "2012-10-17", "Statement": [{**naming("*")["Statement"][0], "Effect": "Deny"}]},
        ]
    only = {"ArnLike": {"aws:PrincipalArn": first}}
    return [FULL, nothing, {"Version": "2012-10-17", "Statement": [{**FULL["Statement"][0], "Condition": only}]}]


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate)
)
@given(estates(), st.sampled_from(PLACES), st.lists(st.sampled_from(PRINCIPALS), min_size=2, max_size=2), contexts())
def test_whatever_an_unread_document_says_no_difference_is_kept_quiet(
    estate: Estate, place: tuple[str, str], pair: list[str], context: dict[str, Any]
) -> None:
    first, second = pair
    unread = with_document(estate, place, UNREADABLE)
    one, other = (unread.effective(name, Circumstances()) for name in pair)
    more, missing = one.minus(other), one.unread(other)
    if first == second:
        assert (more, missing) == ((), ())
        checked["alike"] += 1
    assert missing == other.unread(one)
    named = any(place[1] in one for one in missing)
    checked["unknown"] += any(cube.state is State.UNKNOWN for cube in more)
    texts = {key: tuple(value) if isinstance(value, list) else (value,) for key, value in context.items()}
    for content in contents(*place, first):
        port = with_document(estate, place, content)
        for permission, resource in QUESTIONS:
            for given_ in (Circumstances(), Circumstances(texts, strict=True)):
                states = [port.can(name, permission, resource, given_).state for name in pair]
                checked["asked"] += 1
                if states == [State.ALLOWED, State.DENIED]:
                    checked["apart"] += 1
                    assert told(more, permission, resource) or named, (place, content, permission, resource, missing)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(estates(), st.sampled_from(PLACES))
def test_two_with_the_same_policies_do_not_differ(estate: Estate, place: tuple[str, str]) -> None:
    """Two users of the same policies, tags and groups: what was not read is told once, and makes no difference."""
    ada, bob, _ = sorted(USERS, key=lambda id: (USERS[id], id))
    estate.identity[bob], estate.tags[bob] = [], {}
    estate.identity[ada], estate.tags[ada] = [], {}
    estate.groups["red"] = [FULL]
    estate.members = {ada: ["red"], bob: ["red"]}
    for one in (ada, bob):
        estate.boundary.pop(one, None)
    for part in ("trust", "resource", "scps", "rcps"):
        for name, documents in getattr(estate, part).items():
            if isinstance(documents, list):
                getattr(estate, part)[name] = [FULL] if part == "scps" else []
            elif documents is not None:
                getattr(estate, part)[name] = naming(B)
    port = with_document(estate, place if place[0] not in ("identity", "boundary") else ("scps", A), UNREADABLE)
    one, other = (port.effective(name, Circumstances()) for name in (ada, bob))
    assert one.minus(other) == other.minus(one) == ()
    assert not one.differs(other)
    assert len(one.unread(other)) == 1


def test_enough_was_checked() -> None:
    assert checked["asked"] > 500
    assert checked["apart"] > 20
    assert checked["unknown"] > 2
