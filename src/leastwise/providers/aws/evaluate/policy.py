"""Policy documents as statements; what cannot be read is named, never guessed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leastwise.engine.patterns import Pattern, glob

from .variables import VERSION, VERSIONS

PRINCIPAL_TYPES = frozenset({"AWS", "CanonicalUser", "Federated", "Service", "*"})
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""


@dataclass(frozen=True, slots=True)
class Test:
    """One line of a Condition block: an operator, a key and its values as written."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """One entry of Principal or NotPrincipal: its type (AWS, Service, Federated, CanonicalUser, *) and value."""

    type: str
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement; None stands for an element that is not there."""

    effect: str
    sid: str
    position: int
    actions: tuple[Pattern, ...] | None
    not_actions: tuple[Pattern, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[Subject, ...] | None
    not_principals: tuple[Subject, ...] | None
    tests: tuple[Test, ...]
    variables: bool
    """The document's version knows policy variables."""

    def concerns(self, action: str) -> bool:
        """Whether Action or NotAction takes in an action such as s3:GetObject."""
        if self.actions is not None:
            return any(pattern.matches(action) for pattern in self.actions)
        return self.not_actions is not None and not any(pattern.matches(action) for pattern in self.not_actions)


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A document in force: its name and where it was read, for explanations, and its statements."""

    name: str
    statements: tuple[Statement, ...]
    source: str = ""


class PolicyError(ValueError):
    """The document cannot be evaluated: the message says where and why."""


def parse_policy(body: object, name: str = "", source: str = "") -> Policy:
    """The policy of a decoded document.

    Raises:
        PolicyError: it is not a policy.
    """
    if not isinstance(body, Mapping):
        raise PolicyError("the policy is not an object")
    statements = body.get("Statement")
    if statements is None:
        raise PolicyError("the policy has no Statement")
    listed = statements if isinstance(statements, list) else [statements]
    variables = body.get("Version") == VERSION
    return Policy(name, tuple(_statement(s, i, variables) for i, s in enumerate(listed)), source)


def parse_written(body: object, name: str) -> Policy:
    """As `parse_policy`, for a document that somebody gives with a question: its language must be the vendor's.

    Raises:
        PolicyError: it is not a policy, or has a version, operator or type of principal that the language has not.
    """
    from .operators import is_operator  # which reads tests

    policy = parse_policy(body, name)
    version = body.get("Version") if isinstance(body, Mapping) else None
    if version is not None and version not in VERSIONS:
        raise PolicyError(f"Version {version!r} is none of the policy language")
    for one in policy.statements:
        for test in one.tests:
            if not is_operator(test.operator):
                raise PolicyError(f"Statement/{one.position}/Condition: {test.operator} is no condition operator")
        for subject in (*(one.principals or ()), *(one.not_principals or ())):
            if subject.type not in PRINCIPAL_TYPES:
                raise PolicyError(f"Statement/{one.position}: {subject.type} is no type of principal")
    return policy


def _statement(body: object, position: int, variables: bool) -> Statement:
    if not isinstance(body, Mapping):
        raise PolicyError(f"Statement/{position} is not an object")
    effect = body.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"Statement/{position}/Effect is neither Allow nor Deny")
    if ("Action" in body) == ("NotAction" in body):
        raise PolicyError(f"Statement/{position} needs exactly one of Action and NotAction")
    for element in ("Resource", "Principal"):
        if element in body and f"Not{element}" in body:
            raise PolicyError(f"Statement/{position}: {element} and Not{element} exclude each other")
    return Statement(
        effect=effect,
        sid=str(body.get("Sid", "")),
        position=position,
        actions=_actions(body, "Action", position),
        not_actions=_actions(body, "NotAction", position),
        resources=_texts(body, "Resource", position),
        not_resources=_texts(body, "NotResource", position),
        principals=_subjects(body, "Principal", position),
        not_principals=_subjects(body, "NotPrincipal", position),
        tests=tuple(parse_tests(body.get("Condition"), position)),
        variables=variables,
    )


def _texts(body: Mapping[str, Any], element: str, position: int) -> tuple[str, ...] | None:
    if element not in body:
        return None
    value = body[element]
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in listed):
        raise PolicyError(f"Statement/{position}/{element} is neither a text nor a list of texts")
    return tuple(listed)


def _actions(body: Mapping[str, Any], element: str, position: int) -> tuple[Pattern, ...] | None:
    texts = _texts(body, element, position)
    return None if texts is None else tuple(action_pattern(text) for text in texts)


def action_pattern(text: str) -> Pattern:
    """The pattern of an action as a policy writes it: compared without case, wildcards behind the service's prefix.

    `*:*` is everything, as `*` is.
    """
    if text == "*:*":
        return glob("*")
    service, colon, _ = text.partition(":")
    if colon and ("*" in service or "?" in service):
        # IAM takes no wildcard in the prefix: such a value matches nothing.
        return Pattern(("\0",))
    return glob(text, fold=True)


def _subjects(body: Mapping[str, Any], element: str, position: int) -> tuple[Subject, ...] | None:
    if element not in body:
        return None
    value = body[element]
    if isinstance(value, str):
        return (Subject("*" if value == "*" else "AWS", value),)
    if not isinstance(value, Mapping):
        raise PolicyError(f"Statement/{position}/{element} is neither * nor an object")
    return tuple(_entries(value, f"Statement/{position}/{element}"))


def _entries(value: Mapping[str, Any], place: str) -> Iterator[Subject]:
    for kind, names in value.items():
        for name in names if isinstance(names, list) else [names]:
            if not isinstance(name, str | int) or isinstance(name, bool):
                raise PolicyError(f"{place}/{kind} is neither a text nor a list of texts")
            text = str(name)
            yield Subject("*" if kind == "AWS" and text == "*" else kind, text)


def parse_tests(block: object, position: int) -> Iterator[Test]:
    """The tests of the Condition block of a statement. Raises PolicyError."""
    if block is None:
        return
    if not isinstance(block, Mapping):
        raise PolicyError(f"Statement/{position}/Condition is not an object")
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            raise PolicyError(f"Statement/{position}/Condition/{operator} is not an object")
        for key, values in keys.items():
            listed = values if isinstance(values, list) else [values]
            yield Test(str(operator), str(key), tuple(_text(value) for value in listed))


def _text(value: object) -> str:
    """Numbers and booleans stand for their JSON texts."""
    if not isinstance(value, str | int | float):
        raise PolicyError("a value of a condition is neither a text, a number nor a boolean")
    return str(value).lower() if isinstance(value, bool) else str(value)
