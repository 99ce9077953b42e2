"""Stable forms of session names: what changes from one session to the next becomes `*`.

A role's sessions are named by whoever begins them: a person, a workflow's run, an instance, a pod. To count by session
name without a row for every run, the parts of a name that are made anew each time are taken out, in this order:

1. UUIDs, and ids of EC2 and managed instances (`i-` or `mi-` and 8 or 17 hex digits, which become `i-*`);
2. dates with times (`2026-01-31T07-15-00Z`), then every run of eight or more digits (dates, epochs, run numbers), but
   not of twelve: that is an account, and stays the same;
3. after `run`, `build`, `job`, `attempt` or `execution`: a number of any length;
4. hashes: eight or more hex digits that stand alone, with both a digit and a letter among them;
5. ends of pod names: Kubernetes adds `-<hash>-<five>` to a deployment's name and `-<five>` to a daemon set's, in an
   alphabet without vowels; the five alone only with a digit in it.

Names of people, mail addresses, functions and repositories stay as they are.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (RoleSessionName)
https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go (the alphabet)
"""

from __future__ import annotations

import re

_POD = "[bcdfghjklmnpqrstvwxz2456789]"
_RULES = tuple(
    (re.compile(rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"), put)
    for pattern, put in (
        (r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "*"),
        (r"(m?i)-(?:[0-9a-f]{17}|[0-9a-f]{8})", r"\1-*"),
        (r"\d{4}-\d\d-\d\d(?:[T_-]?\d\d[-:._]?\d\d(?:[-:._]?\d\d)?(?:[.]\d+)?Z?)?", "*"),
        (r"([A-Za-z]*?)(?!\d{12}(?!\d))\d{8,}([A-Za-z]*?)", r"\1*\2"),
        (r"(?i:(run|build|job|attempt|execution))([-_#.]?)\d+", r"\1\2*"),
        (r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[0-9a-fA-F]{8,}", "*"),
        (rf"{_POD}{{8,10}}-{_POD}{{5}}", "*"),
        (rf"(?<=[A-Za-z0-9*]-)(?=[a-z]*\d){_POD}{{5}}", "*"),
    )
)
_SAME = re.compile(r"\*(?:[-_.]?\*)+")


def stable(name: str) -> str:
    """The stable form of a session name; that of a stable form is the form itself. Remember it by the name."""
    if not any(one.isdigit() for one in name):
        return name
    for pattern, put in _RULES:
        name = pattern.sub(put, name)
    return _SAME.sub("*", name)
