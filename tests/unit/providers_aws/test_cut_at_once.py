"""What of statements is worked out once is what each statement says of each action."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.patterns import lies_in
from leastwise.providers.aws.compiled.actions import actions
from leastwise.providers.aws.compiled.folding import folded
from leastwise.providers.aws.evaluate.policy import action_pattern, parse_policy
from leastwise.providers.aws.shrinking import SHRINKING
from leastwise.providers.aws.shrinking.cutting import _Actions, _patterns

TEXTS = st.sampled_from(
    ("*", "*:*", "s3:*", "S3:get*", "s3:GetObject", "s3:getobject", "s?:Get*", "sqs:*Message*", "sqs:SendMessage",
     "iam:*Role", "nosuch:Thing", "kms:?e*", "sqs:?*")
)  # fmt: skip
_ALL = [name for name in actions().names if name.partition(":")[0] in ("s3", "sqs", "iam", "kms")]
ASKED = [name for place, name in enumerate(_ALL) if name.startswith("sqs:") or not place % 6]
ASKED += ["nosuch:Thing", "s3:NoSuchAction", "S3:GETOBJECT"]


def statement(texts: list[str], element: str) -> _Actions:
    body = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", element: texts, "Resource": "*"}]}
    return _Actions(parse_policy(body).statements[0])


@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(("Action", "NotAction")))
def test_a_statement_takes_in_what_its_patterns_do(texts: list[str], element: str) -> None:
    about = statement(texts, element)
    for name in ASKED:
        number = actions().number(name)
        taken = about.statement.concerns(name) if number is None else number in about.taken
        assert taken == about.statement.concerns(name), name


def plainly(texts: list[str], told: list[str]) -> list[str]:
    """The patterns of actions, by looking at each action and each pattern."""
    own = [action_pattern(one) for one in texts]
    found: list[str] = []
    for text in folded(told):
        pattern = action_pattern(text)
        if "*" not in text or any(lies_in(pattern, one) for one in own):
            found.append(text)
        else:
            found += [one for one in told if pattern.matches(one)]
    return list(dict.fromkeys(found))


@given(st.lists(TEXTS, min_size=1, max_size=4), st.integers(0, 2**32))
def test_patterns_stand_for_actions_as_each_by_itself_says(texts: list[str], seed: int) -> None:
    draw = random.Random(seed)
    told = draw.sample(ASKED[:-3], draw.choice((5, 60, len(ASKED) - 3)))
    assert _patterns(statement(texts, "Action"), told) == plainly(texts, told)


@pytest.mark.parametrize("document", [b"", b' {"a":\t"b c"}\r\n', "\u00e9\u00a0x\x1c".encode()])
def test_blanks_do_not_count(document: bytes) -> None:
    limit: Any = SHRINKING.limit("user")
    assert limit.length(document) == sum(not chr(letter).isspace() for letter in document)
