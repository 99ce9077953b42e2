"""Policies written to take long; prints ratios to the limit of two seconds of CPU for each question.

Usage: ./x bench bench_adversarial [SIZE ...] (default: 10 40 100). Asked are estates of one policy: with many tests of
one key, with many keys, with many patterns of resources whose automata multiply, and a bucket policy for everybody.
Answers above the budget are CONDITIONAL or not exact; how many lack their condition is told. Exit code 0 always.
"""

from __future__ import annotations

import json
import sys

from measuring import run, show

ASK = """
import json, random, sys, time
from leastwise.model.decision import Circumstances
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to

A, BUCKET, GIVEN, size = "111111111111", "arn:aws:s3:::data", Circumstances(), int(sys.argv[1])
drawn = random.Random(1)

def said(effect, action, resource="*", condition=None, **more):
    return {"Effect": effect, "Action": action, "Resource": resource, "Condition": condition or {}} | more

def user(name, statements):
    policy = {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    return {"Arn": f"arn:aws:iam::{A}:user/{name}", "UserName": name, "UserPolicyList": [policy]}

def port(users, lying):
    body = {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    policy = {"Version": "2012-10-17", "Statement": lying}
    documents = [{"kind": "account_authorization_details", "body": body},
                 {"kind": "resource_policy", "body": {"resource": BUCKET, "account": A, "policy": policy}}]
    return AwsPort(access_to(collected(documents)).estate.arrays, (A,))

def word(number):
    return f"*{drawn.choice('abcd')}{drawn.choice('abcd')}*{number}*"

def exploding(number):
    return "*" + "*".join(drawn.choice("abcd") + drawn.choice("abcd?") for _ in range(4)) + f"*/x{number}*"

def limited(own, other, number):
    return {"StringLike": {own: word(number)}, "StringNotLike": {other: f"*c{number}*"}}

KEY = "aws:RequestTag/k"
one_key = [said("Deny", "s3:*", "*", limited(KEY, KEY, n)) for n in range(size)]
keys = [limited(f"{KEY}{n}", f"{KEY}{n + 1}", n) for n in range(size)]
patterns = [f"arn:aws:s3:::{exploding(n)}" for n in range(size)]
barred = [f"arn:aws:s3:::{exploding(n)}" for n in range(size // 2)]
paths = [f"{BUCKET}/*{drawn.choice('abc')}*{drawn.choice('abc')}?{n}*" for n in range(size)]
kept = [f"{BUCKET}/*{drawn.choice('abc')}*{drawn.choice('abc')}?{n}*" for n in range(size // 2)]
everybody = [said("Allow", "s3:*", paths, Principal="*"),
             said("Deny", "s3:*", kept, {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, Principal="*")]
for n in range(5):
    if kept[n::5]:
        everybody.append(said("Deny", "s3:Get*", kept[n::5], {"StringLike": {"aws:Referer": f"{n}*"}}, Principal="*"))
whole = [said("Allow", "s3:*")]
estates = {
    "one key": ([*whole, *one_key], whole, []),
    "many keys": (
        [*whole, *(said("Deny", "s3:*", "*", c) for c in keys)], [said("Allow", "s3:*", "*", c) for c in keys], []
    ),
    "many patterns": (
        [said("Allow", "s3:*", patterns), said("Deny", "s3:Get*", barred)], [said("Allow", "s3:*", patterns[::2])], []
    ),
    "bucket for everybody": ([], [], everybody),
}
for name, (first, second, lying) in estates.items():
    asked = port([user("ann", first), user("bob", second)], lying)
    asked.what_can("bob", BUCKET, GIVEN)
    ann, bob = asked.effective("ann", GIVEN), asked.effective("bob", GIVEN)
    questions = {
        "can": lambda: asked.can("ann", "s3:GetObject", f"{BUCKET}/*", GIVEN),
        "who-can": lambda: asked.who_can("s3:GetObject", f"{BUCKET}/*", GIVEN).holders,
        "who-can, no resource": lambda: asked.who_can("s3:GetObject", None, GIVEN).holders,
        "what-can": lambda: asked.what_can("ann", None, GIVEN),
        "relation": lambda: asked.relation("s3:GetObject", GIVEN).rectangles,
        "external": lambda: asked.exposed(asked.inside(), GIVEN).exposures,
        "compare, more": lambda: ann.minus(bob),
        "compare, less": lambda: bob.minus(ann),
        "compare, both": lambda: ann.both(bob),
    }
    for question, ask in questions.items():
        start = time.process_time()
        found = ask()
        spent = time.process_time() - start
        told = found if isinstance(found, (list, tuple)) else [found]
        unlisted = sum(getattr(one, "residual", ()) is None for one in told)
        print(json.dumps([name, question, spent, len(told), unlisted]))
"""
MOST = 2.0
"""CPU seconds for one question."""


def main() -> int:
    """Measure and print."""
    for size in [int(one) for one in sys.argv[1:]] or [10, 40, 100]:
        print(f"{size} statements, keys or patterns")
        for line in run(ASK, str(size)).output.splitlines():
            name, question, spent, answers, unlisted = json.loads(line)
            show(f"{name}: {question}, s", spent, MOST, f"{answers} answers, {unlisted} without their condition")
    return 0


if __name__ == "__main__":
    sys.exit(main())
