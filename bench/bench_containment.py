"""Containment of AWS managed policies in one another, both ways, against the limit of 20 ms of CPU time for 95 of 100.

Usage: ./x bench bench_containment [PAIRS] (default: 500). The documents are those that moto ships, parsed beforehand;
what is measured is from parsed documents to the answer, the sets of requests built anew each time. Kinds of pairs:
random ones; a policy and itself; itself less one action; XFullAccess and XReadOnlyAccess, ReadOnlyAccess and
ViewOnlyAccess; the twenty longest among one another. Then patterns built to explode, whose budget may take a
second. Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import json
import sys

from measuring import managed_policies, run, show

LIMIT, LONGEST = 20.0, 1000.0
"""Milliseconds of 95 of 100 comparisons, and of one that is built to explode."""
COMPARE = """
import gc, json, random, sys, time
from pathlib import Path
from leastwise.providers.aws.containment import documents_contain
from leastwise.providers.aws.evaluate.policy import parse_policy

bodies = {path.stem: json.loads(path.read_text())["document"] for path in sorted(Path(sys.argv[1]).glob("*.json"))}
bodies = {name: body if isinstance(body, dict) else json.loads(body) for name, body in bodies.items()}
parsed = {name: [parse_policy(body, name)] for name, body in bodies.items()}
pick = random.Random(1)

def timed(kind, inner, outer, what):
    start = time.process_time()
    found = documents_contain(inner, outer)
    print(json.dumps([kind, (time.process_time() - start) * 1000, type(found).__name__, what]))

def both(kind, one, other, what):
    timed(kind, one, other, what)
    timed(kind, other, one, what)

def listed(value):
    return value if isinstance(value, list) else [value]

def actions(body):
    return sum(len(listed(one.get("Action", one.get("NotAction", [])))) for one in listed(body["Statement"]))

def less_one(body):
    # The policy without one of its actions, where a statement has several; None where none has.
    statements = listed(body["Statement"])
    long = [n for n, one in enumerate(statements) if len(listed(one.get("Action", "*"))) > 1]
    if not long:
        return None
    place = pick.choice(long)
    kept = list(statements[place]["Action"])
    kept.pop(pick.randrange(len(kept)))
    return body | {"Statement": [*statements[:place], statements[place] | {"Action": kept}, *statements[place + 1 :]]}

names = sorted(parsed)
documents_contain(parsed[names[0]], parsed[names[1]])  # modules are loaded
gc.collect()
gc.freeze()  # what is measured is the comparison, not the thousand documents that lie in memory
for _ in range(int(sys.argv[2])):
    one, other = pick.choice(names), pick.choice(names)
    both("random", parsed[one], parsed[other], f"{one} {other}")
for name in pick.sample(names, min(len(names), int(sys.argv[2]))):
    timed("itself", parsed[name], parsed[name], name)
    less = less_one(bodies[name])
    if less is not None:
        both("less one action", parsed[name], [parse_policy(less, name)], name)
for name in names:
    reading = name.replace("FullAccess", "ReadOnlyAccess")
    if name != reading and reading in parsed:
        both("full, read only", parsed[name], parsed[reading], name)
both("full, read only", parsed["ReadOnlyAccess"], parsed["ViewOnlyAccess"], "ReadOnlyAccess ViewOnlyAccess")
longest = sorted(names, key=lambda name: -actions(bodies[name]))[:20]
for one in longest:
    for other in longest:
        timed("longest", parsed[one], parsed[other], f"{one} {other}")

def document(*resources, action="*"):
    statement = {"Effect": "Allow", "Action": action, "Resource": list(resources)}
    return [parse_policy({"Version": "2012-10-17", "Statement": [statement]})]

for size in (16, 64, 120):  # longer ones AWS does not take
    many = "?" * size
    explode = {
        "one place": (document(f"*a{many}b*"), document(f"a{many}b*", f"?*a{many}b*")),
        "any place": (document(f"*a{many}*"), document(*(f"*{'?a' * n}*b*" for n in range(2, 12)), f"*a{many}c*")),
        "many stars": (document("*" + "a*?" * size), document("*" + "?a*" * size, "*" + "a?*" * size)),
        "actions": (document("*", action=f"s3:*a{many}b*"), document("*", action=[f"s3:a{many}b*", f"s3:?*a{many}b*"])),
        "no end": (document("*" + "?*a" * 8 + many), document(*("*" + "a" + "?" * n + "a*" for n in range(size)))),
    }
    for kind, (inner, outer) in explode.items():
        timed("built to explode", inner, outer, f"{kind} {size}")
"""


def main(pairs: str) -> int:
    """Print, for each kind of pair, how long the comparisons take and what they come to."""
    cost = run(COMPARE, managed_policies(), pairs)
    kinds: dict[str, list[tuple[float, str, str]]] = {}
    for line in cost.output.splitlines():
        kind, time, verdict, what = json.loads(line)
        kinds.setdefault(kind, []).append((time, verdict, what))
    for kind, found in kinds.items():
        found.sort()
        verdicts = sorted({verdict for _, verdict, _ in found})
        shares = ", ".join(f"{sum(v == one for _, v, _ in found) / len(found):.0%} {one}" for one in verdicts)
        middle, high, (most, _, slowest) = found[len(found) // 2][0], found[int(len(found) * 0.95)][0], found[-1]
        note = f"p50 {middle:.2f} max {most:.1f} ms ({slowest}); {shares} of {len(found)}"
        if kind == "built to explode":
            show(f"{kind}: longest, ms CPU", most, LONGEST, note)
        else:
            show(f"{kind}: p95, ms CPU", high, LIMIT, note)
    print(f"      whole run {cost.cpu:.1f} s CPU, {cost.mib:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "500"))
