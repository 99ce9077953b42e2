"""Event selectors of a trail, basic and advanced, as what they let through.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MANAGEMENT, DATA = "Management", "Data"
_BASIC = {"AWS::S3::Object": "s3", "AWS::Lambda::Function": "lambda", "AWS::DynamoDB::Table": "dynamodb"}
"""What basic selectors know, with the service of the ARN that means all."""
SOURCES = frozenset(("kms.amazonaws.com", "rdsdata.amazonaws.com"))
"""The sources of management events that a trail may leave out."""
_OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")


@dataclass(frozen=True, slots=True)
class Selector:
    """What one selector lets through: all conditions hold at once.

    Args:
        category: MANAGEMENT or DATA; other categories are not kept.
        reads: events that only read.
        writes: all others.
        without: sources of management events that are left out, as in `kms.amazonaws.com`.
        type: of resources, for data events.
        arns: beginnings of the ARNs that it takes in (`exact`: the ARNs themselves); None for all.
        exact: see `arns`.
        part: why it lets only a part through that is not told by the others; empty when it does not.
    """

    category: str
    reads: bool = True
    writes: bool = True
    without: frozenset[str] = frozenset()
    type: str = ""
    arns: tuple[str, ...] | None = None
    exact: bool = False
    part: str = ""


def selectors(told: Mapping[str, Any]) -> tuple[Selector, ...]:
    """The selectors of an answer of GetEventSelectors, or of an event data store; what has another form is left out."""
    advanced = told.get("AdvancedEventSelectors")
    if advanced:
        found = (_advanced(_conditions(one)) for one in advanced)
        return tuple(one for one in found if one is not None)
    return tuple(each for one in told.get("EventSelectors") or () for each in _basic(one))


def _basic(told: Mapping[str, Any]) -> Iterator[Selector]:
    kinds = told.get("ReadWriteType") or "All"
    reads, writes = kinds in ("All", "ReadOnly"), kinds in ("All", "WriteOnly")
    if told.get("IncludeManagementEvents", True):
        without = frozenset(told.get("ExcludeManagementEventSources") or ())
        yield Selector(MANAGEMENT, reads, writes, without)
    for one in told.get("DataResources") or ():
        type, values = one.get("Type", ""), tuple(one.get("Values") or ())
        every = any(_all_of(type, value) for value in values)
        if values:
            yield Selector(
                DATA, reads, writes, type=type, arns=None if every else values, exact=type != "AWS::S3::Object"
            )


def _all_of(type: str, value: str) -> bool:
    """Whether a value of a basic selector means every resource of the type: an ARN that ends with its service."""
    fields = value.rstrip(":").split(":")
    return len(fields) == 3 and fields[0] == "arn" and fields[2] == _BASIC.get(type)


Conditions = Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]


def _conditions(told: Mapping[str, Any]) -> Conditions:
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for one in told.get("FieldSelectors") or ():
        for operator in _OPERATORS:
            if one.get(operator):
                found.setdefault(one.get("Field", ""), []).append((operator, tuple(one[operator])))
    return found


def _advanced(fields: Conditions) -> Selector | None:
    category = _equal(fields, "eventCategory")
    if category not in (MANAGEMENT, DATA):
        return None
    flags = {value for operator, values in fields.get("readOnly", ()) if operator == "Equals" for value in values}
    reads, writes = flags != {"false"}, flags != {"true"}
    without, arns, exact = frozenset[str](), None, False
    part = _part(fields, category)
    for operator, values in fields.get("eventSource", ()) if category == MANAGEMENT else ():
        if operator == "NotEquals":
            without |= frozenset(values)
    if category == DATA:
        told = fields.get("resources.ARN", ())
        if len(told) == 1 and told[0][0] in ("Equals", "StartsWith"):
            arns, exact = told[0][1], told[0][0] == "Equals"
        elif told:
            part = part or "only for some resources"
    return Selector(category, reads, writes, without, _equal(fields, "resources.type"), arns, exact, part)


def _part(fields: Conditions, category: str) -> str:
    """Why a selector lets through only some of the calls that its other conditions name."""
    known = {"eventCategory", "readOnly", "resources.type", "resources.ARN"}
    for name in sorted(set(fields) - known):
        operators = {operator for operator, _ in fields[name]}
        left_out = {value for _, values in fields[name] for value in values}
        # What a trail can leave out is told by source; an event data store can leave out any.
        if name == "eventSource" and category == MANAGEMENT and operators == {"NotEquals"} and left_out <= SOURCES:
            continue
        # Management events are also made by the console and by sign-in, data events by calls alone.
        if name == "eventType" and category == DATA and operators == {"Equals"} and left_out == {"AwsApiCall"}:
            continue
        return f"only where {name} is selected"
    return ""


def _equal(fields: Conditions, name: str) -> str:
    return next((values[0] for operator, values in fields.get(name, ()) if operator == "Equals"), "")
