"""What a general set says of a resource that it names, and of which it is known where it stands, is what `can` says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from changes_support import touching
from estate_names import ANN, BOB, BUCKET, CY, OBJECT, ORG, A, B, Json, by
from two_estates import Port, allow, deny, estate, laid, organization, people, user

from leastwise.engine.patterns import Pattern
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.whereabouts import Whereabouts, agreed
from leastwise.providers.aws.evaluate.arn import resource_pattern

LIST, SEND, GET = "s3:ListBucket", "sqs:SendMessage", "s3:GetObject"
KEPT, ASKED = (f"arn:aws:s3:::{name}" for name in ("kept", "asked"))
QUEUE, UNLISTED = (f"arn:aws:sqs:us-east-1:{A}:{name}" for name in ("jobs", "unlisted"))
MANY = [f"arn:aws:s3:::data-{number}" for number in range(66)]
"""More than are asked of themselves."""
SECRET, ALL, READ = (
    f"arn:aws:secretsmanager:eu-west-1:{A}:secret:s-abcdef",
    "secretsmanager:*",
    "secretsmanager:GetSecretValue",
)

OURS, SAME, AS_OURS = (
    {"aws:ResourceAccount": A},
    {"aws:ResourceOrgID": ORG},
    {"aws:ResourceAccount": "${aws:PrincipalAccount}"},
)
IRELAND, VIRGINIA = ({"aws:RequestedRegion": region} for region in ("eu-west-1", "us-east-1"))
OF_S3 = {"s3:ResourceAccount": A}
THINGS: list[tuple[str, str, str | list[str]]] = [
    (LIST, BUCKET, BUCKET), (LIST, KEPT, KEPT), (LIST, ASKED, ASKED), (GET, OBJECT, OBJECT),
    (GET, OBJECT, f"{BUCKET}/*"), (GET, f"{KEPT}/x", f"{KEPT}/*"), (GET, f"{KEPT}/x", f"{KEPT}/x"),
    (SEND, QUEUE, QUEUE), (SEND, UNLISTED, UNLISTED), (SEND, UNLISTED, f"arn:aws:sqs:us-east-1:{A}:*"),
]  # fmt: skip
"""Requests, each with what a statement names as its Resource."""
LYING = [
    *laid(BUCKET), *laid(KEPT, allow("s3:PutObject", f"{KEPT}/*", Principal={"AWS": B})), *laid(QUEUE),
    *laid(ASKED, allow(LIST, ASKED, {"StringEquals": {"aws:PrincipalTag/team": "red"}}, Principal={"AWS": B})),
]  # fmt: skip
IN_ORGANIZATION = organization((A, "r-root"), (B, "r-root"))


def standing(when: Json, things: Sequence[tuple[str, str, str | list[str]]] = THINGS) -> Port:
    """Users of one statement on each of some resources, allowed or denied under a condition, and one of none."""
    users = [user("bob"), user("cy", account=B)]
    for number, (action, _, resources) in enumerate(things):
        service = f"{action.partition(':')[0]}:*"
        users.append(user(f"allow{number}", allow(service, resources, when)))
        users.append(user(f"deny{number}", allow(service, resources), deny("*", "*", when)))
    buckets = [laid(one) for one in MANY] if things != THINGS else []
    return estate(people(*users), IN_ORGANIZATION, LYING, *buckets)


def agree(port: Port, who: str, action: str, resource: str) -> State:
    """What somebody holds, and holds more than one who may do nothing, is what `can` says."""
    state = port.can(who, action, resource, Circumstances()).state
    mine, none = (port.effective(one, Circumstances()) for one in (who, BOB))
    more = mine.minus(none)
    assert mine.differs(none) is none.differs(mine) is bool(more or none.minus(mine))
    for cubes in (more, mine.cubes()):
        found = {one.state for one in touching(cubes, action, resource)}
        if state is State.UNKNOWN:
            # A policy that nobody read could do anything; the own side is all that the general set tells.
            assert found <= {State.ALLOWED, State.UNKNOWN}, (who, action, resource, found)
        else:
            assert found == {state} - {State.DENIED}, (who, action, resource, state, found)
    return state


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals"])
@pytest.mark.parametrize("when", [OURS, AS_OURS, SAME, VIRGINIA, OF_S3], ids=str)
def test_what_is_named_is_decided_by_where_it_stands(when: Json, operator: str) -> None:
    port, states = standing({operator: when}), set[State]()
    for number, (action, resource, _) in enumerate(THINGS):
        known = "s3:::" not in resource if "aws:RequestedRegion" in when else action != SEND or when is not OF_S3
        if known:
            states |= {agree(port, by(f"{how}{number}"), action, resource) for how in ("allow", "deny")}
    assert {State.ALLOWED, State.DENIED} <= states or when is VIRGINIA


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals"])
def test_so_are_more_than_are_asked_of_themselves(operator: str) -> None:
    things = [(LIST, MANY[3], MANY), (LIST, MANY[3], [*MANY, "arn:aws:s3:::of-nobody"])]
    port = standing({operator: OURS}, things)
    states = [agree(port, by(f"{how}{number}"), LIST, MANY[3]) for number in range(2) for how in ("allow", "deny")]
    assert {*states} == {State.ALLOWED, State.DENIED}


def test_a_denial_in_the_own_account_is_no_difference_on_a_bucket_of_it() -> None:
    """Reduced from a drawn estate: the bucket names the role of its account, so that it is looked at by itself."""
    own = [allow("*", BUCKET), deny("*", "*", {"StringEquals": OURS})]
    lying = laid(BUCKET, allow(GET, f"{BUCKET}/x", Principal={"AWS": BOB}), allow(LIST, BUCKET, Principal={"AWS": B}))
    port = estate(people(user("ann", *own), user("bob")), lying)
    ann, bob = (port.effective(one, Circumstances()) for one in (ANN, BOB))
    assert not touching(ann.minus(bob), LIST, BUCKET) and not touching(ann.minus(bob), "s3:PutBucketAcl", BUCKET)
    assert touching(bob.minus(ann), GET, OBJECT)


@pytest.mark.parametrize(("team", "state"), [("red", State.ALLOWED), ("blue", State.DENIED)])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize("names", [{"AWS": B}, {"AWS": BOB}], ids=["another account", "the other"])
def test_tags_of_what_is_named_decide_too(names: Json, team: str, state: State, effect: str) -> None:
    tagged = {"SecretList": [{"ARN": SECRET, "Name": "s", "Tags": [{"Key": "team", "Value": team}]}]}
    read = {"kind": "secretsmanager.list-secrets", "account": A, "region": "eu-west-1", "body": tagged}
    when = {f"String{'' if effect == 'Allow' else 'Not'}Equals": {"aws:ResourceTag/team": "red"}}
    own = [allow(ALL, SECRET, when)] if effect == "Allow" else [allow(ALL, SECRET), deny(ALL, "*", when)]
    # Bob is denied, so that the secret is looked at by itself, and what it says counts for nothing.
    bob = user("bob", deny("*"))
    for lying in (laid(SECRET), laid(SECRET, allow("secretsmanager:*", "*", Principal=names))):
        port = estate(people(user("ann", *own), bob), lying, read)
        assert port.can(ANN, READ, SECRET, Circumstances()).state is state
        one, other = (port.effective(name, Circumstances()) for name in (ANN, BOB))
        assert {cube.state for cube in touching(one.minus(other), READ, SECRET)} == {state} - {State.DENIED}
        assert not touching(other.minus(one), READ, SECRET)
        assert one.differs(other) is other.differs(one) is bool(one.minus(other) or other.minus(one))


def test_of_two_accounts_what_nobody_read_may_let_the_other_in() -> None:
    """An unread queue of the second account is left open: its policy may name somebody of the first."""
    theirs = f"arn:aws:sqs:us-east-1:{B}:theirs"
    port = estate(people(user("ann", allow("sqs:*", theirs)), user("cy", account=B)))
    assert port.can(ANN, SEND, theirs, Circumstances()).state is State.UNKNOWN
    ann, cy = (port.effective(one, Circumstances()) for one in (ANN, CY))
    assert any(theirs in one for one in ann.unread(cy))


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_grant_in_a_region_that_is_denied_gains_nothing(region: str) -> None:
    only = deny("*", "*", {"StringNotEquals": IRELAND})
    queue = f"arn:aws:sqs:{region}:{A}:*"
    old, new = (estate(people(user("ann", only, *more))) for more in ((), (allow("sqs:*", queue),)))
    (change,) = new.changes(old) if region == "eu-west-1" else (None,)
    assert not list(new.changes(old)) if change is None else {one.state for one in change.gained} == {State.ALLOWED}


def facts(port: Port, *patterns: Pattern) -> list[object]:
    found = Whereabouts(port.access.estate, port.access.guardrails).facts(patterns)
    return [found.get(f"aws:{key}") for key in ("resourceaccount", "requestedregion")]


@pytest.mark.parametrize(
    ("text", "account", "region"),
    [
        (BUCKET, A, ""), (f"{BUCKET}/*", A, ""), (f"{BUCKET}/a?b*", A, ""), ("arn:aws:s3:::da*", "", ""),
        ("arn:aws:s3:::data*", "", ""), ("arn:aws:s3:::d?ta/x", "", ""), ("arn:aws:s3:::unknown/x", "", ""),
        (f"arn:*:sqs:*:{B}:*", B, ""), (f"arn:aws:sqs:eu-*:{B}:*", B, ""), (f"*:{B}:*", "", ""),
        ("*", "", ""), ("arn:aws:sqs*", "", ""),
        (f"arn:aws:sqs:eu-west-1:{A}:jobs*", A, "eu-west-1"), ("arn:aws:sqs:eu-west-1:*:x", "", "eu-west-1"),
        (f"arn:aws:iam::{A}:role/*", A, ""), ("arn:aws:sqs:eu-west-1:11111111111?:x", "", "eu-west-1"),
    ],
)  # fmt: skip
def test_what_a_pattern_tells(text: str, account: str, region: str) -> None:
    port = estate(people(user("ann")), LYING)
    assert facts(port, resource_pattern(text)) == [(one,) if one else None for one in (account, region)]


def test_two_estates_tell_what_both_tell() -> None:
    old, new = (estate(people(user("ann")), laid(BUCKET, account=account)) for account in (A, B))
    ours, theirs = (one.access.whereabouts for one in (old, new))
    both = agreed(ours, theirs)
    assert both is not None and agreed(ours, ours) is ours and agreed(ours, None) is None
    assert both.facts([resource_pattern(BUCKET)]) == {"aws:resourceorgid": None, "aws:resourceorgpaths": None}
    assert both.facts([resource_pattern(QUEUE)])["aws:resourceaccount"] == (A,)
