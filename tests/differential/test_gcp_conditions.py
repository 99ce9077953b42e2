"""Our evaluation of conditions agrees with the vendor's runtime: known values, and formulas over unknown ones."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

pytest.importorskip("cel_expr_python", reason="cel-expr-python, the oracle of conditions, is not installed")

from gcp_oracle import VARIABLES, Oracle

from fakes.shared import SHARED
from leastwise.engine.formula import Formula, assign, literals
from leastwise.engine.solve import Outcome
from leastwise.providers.conditions import ConditionError
from leastwise.providers.gcp.evaluate import conditions as conditions_of_gcp
from leastwise.providers.gcp.evaluate.conditions import Absent, Known, Look, Truth, Unknown, holds, judge, truth
from leastwise.providers.gcp.evaluate.worlds import solver
from leastwise.providers.gcp.language.cel import Constant, Stamp, parse_condition, text_of

CASES = Path(__file__).resolve().parents[1] / "cases" / "gcp"
SAMPLES = SHARED / "samples/gcp"
EXAMPLES = 2_000 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 200
TAGS = frozenset({"1/env", "1/env=prod", "tagKeys/10", "tagKeys/10=tagValues/20"})


class Facts:
    """Attributes with values; others are absent, or where `unknown` not known."""

    def __init__(self, values: Mapping[str, Constant], *, unknown: bool = False) -> None:
        self.values, self.unknown = values, unknown

    def look(self, path: str) -> Look | None:
        if path in self.values and not (self.unknown and path in UNKNOWN):
            return Known(self.values[path])
        if path not in VARIABLES:
            return None
        return Unknown(path) if self.unknown and path in UNKNOWN else Absent()

    def api(self, name: str) -> Look:
        return Known(self.values[name]) if name in self.values else Absent()

    def asked(self, owner: str, function: str, args: tuple[Constant, ...]) -> Truth | None:
        if function == "isForwardingRuleCreationOperation":
            return truth(False)
        if owner != "resource" or not all(isinstance(one, str) for one in args):
            return None
        return truth("=".join(map(str, args)) in TAGS)


UNKNOWN = frozenset({"request.time", "request.path", "destination.port", "request.auth.access_levels"})


def said(found: Truth) -> bool | None:
    return True if found.true is True else False if found.false is True else None


# --- every condition of the samples and of our own cases --------------------------------------------------------------


def expressions(folder: Path) -> set[str]:
    """The expressions of all conditions in JSON files, exports of one object a line included."""
    found: set[str] = set()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            text = file.read_text(errors="replace")
            for part in [text, *text.splitlines()]:
                try:
                    found |= set(conditions(json.loads(part)))
                except ValueError:
                    continue
    return found


def conditions(body: object) -> Iterator[str]:
    if isinstance(body, dict):
        for key, value in body.items():
            named = key in ("condition", "denialCondition", "denial_condition")
            if named and isinstance(value, dict) and isinstance(value.get("expression"), str):
                yield value["expression"]
            yield from conditions(value)
    elif isinstance(body, list):
        for one in body:
            yield from conditions(one)


def requests() -> Iterator[dict[str, Constant]]:
    """Some requests that tell apart what our cases' conditions ask."""
    hour = 3_600_000_000_000
    for number, when in enumerate((1767225600, 1781511330, 1781393130, 1735689600)):
        values: dict[str, Constant] = {
            "request.time": Stamp(when * 1_000_000_000 + number * hour),
            "resource.name": ("projects/_/buckets/orders/objects/2026/a.csv", "projects/3/secrets/s")[number % 2],
            "resource.type": ("storage.googleapis.com/Object", "secretmanager.googleapis.com/Secret")[number % 2],
            "resource.service": ("storage.googleapis.com", "secretmanager.googleapis.com")[number % 2],
            "request.path": ("/admin", "/x", "/admin/y", "")[number],
            "request.host": ("www.example.com", "other")[number % 2],
            "destination.ip": "10.0.0.1",
            "destination.port": (22, 443, 3389, 101)[number],
            "request.auth.access_levels": (("accessPolicies/1/accessLevels/corp",), ())[number % 2],
            "principal.type": "iam.googleapis.com/ServiceAccount",
            "principal.subject": "ada@example.com",
            "iam.googleapis.com/modifiedGrantsByRole": (("roles/pubsub.editor",), ("roles/owner",))[number % 2],
            "storage.googleapis.com/objectListPrefix": ("2026/", "2025/")[number % 2],
        }
        yield values
        yield {name: value for name, value in values.items() if not name.startswith(("resource.", "destination."))}
        yield {"request.time": values["request.time"]}


def agree(text: str, values: Mapping[str, Constant]) -> None:
    api = {name: list(v) if isinstance(v, tuple) else v for name, v in values.items() if name not in VARIABLES}
    oracle = Oracle(TAGS, api)
    if not oracle.compiles(text):
        return
    given_values = {name: value for name, value in values.items() if name in VARIABLES}
    ours = said(judge(parse_condition(text), Facts(values)))
    assert ours is oracle.says(text, given_values), (text, values)


@pytest.mark.parametrize("text", sorted(expressions(CASES)))
def test_a_condition_of_our_cases(text: str) -> None:
    try:
        parse_condition(text)
    except ConditionError:
        assert not Oracle().compiles(text)
        return
    if "sha256" in text or "matchLoadBalancingSchemes" in text:
        # What is not known here at all, and what only the service can answer.
        assert not Oracle().compiles(text)
        return
    if "has(" in text:
        # The oracle knows attributes as variables, not as fields that a request may lack.
        return
    for values in requests():
        agree(text, values)


def test_every_condition_of_the_samples() -> None:
    if not SAMPLES.exists():
        pytest.skip("shared/samples/gcp is not here")
    for text in sorted(expressions(SAMPLES)):
        for values in requests():
            agree(text, values)


# --- generated --------------------------------------------------------------------------------------------------------

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "+05:30", "-02:00")
CLOCK = (
    "getHours",
    "getDayOfWeek",
    "getMonth",
    "getDate",
    "getDayOfYear",
    "getFullYear",
    "getMinutes",
    "getDayOfMonth",
)
TEXTS = ("", "a", "ab", "/a/b", "/a/", "b", "projects/p/zones/z", "é")
TIMES = ("2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-06-15T13:45:30.25Z", "2026-06-15T15:45:30+02:00")
quoted = st.sampled_from(TEXTS).map(lambda text: json.dumps(text, ensure_ascii=False))
texts = st.one_of(
    st.sampled_from(["resource.name", "request.path", "resource.type"]),
    quoted,
    st.builds(lambda t: f"request.path.extract({json.dumps(t)})", st.sampled_from(["/{x}/", "a{x}", "{x}", "{x}b"])),
)
moments = st.one_of(
    st.just("request.time"),
    st.sampled_from(TIMES).map(lambda text: f'timestamp("{text}")'),
    st.builds(
        lambda s, n: f'request.time {s} duration("{n}s")', st.sampled_from("+-"), st.sampled_from([1, 90, 86400])
    ),
)
numbers = st.one_of(
    st.just("destination.port"),
    st.integers(-2, 60).map(str),
    st.builds(lambda f, z: f'request.time.{f}("{z}")', st.sampled_from(CLOCK), st.sampled_from(ZONES)),
    texts.map(lambda text: f"({text}).size()" if '"' in text else f"{text}.size()"),
)
signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def compared(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda a, sign, b: f"{a} {sign} {b}", parts, signs, parts)


leaves = st.one_of(
    compared(texts),
    compared(moments),
    compared(numbers),
    st.builds(lambda a, f, b: f"{a}.{f}({b})", texts, st.sampled_from(["startsWith", "endsWith", "contains"]), quoted),
    st.builds(lambda a, b: f"{a} in [{', '.join(b)}]", texts, st.lists(quoted, min_size=1, max_size=3)),
    quoted.map(lambda text: f"{text} in request.auth.access_levels"),
    st.sampled_from(["true", "false", "1 / 0 == 1", "resource.hasTagKey('1/env')", "resource.matchTag('1/env','x')"]),
)
conditions_ = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"({a}) && ({b})", inner, inner),
        st.builds(lambda a, b: f"({a}) || ({b})", inner, inner),
        inner.map(lambda a: f"!({a})"),
        st.builds(lambda a, b, c: f"({a}) ? ({b}) : ({c})", inner, inner, inner),
    ),
    max_leaves=6,
)
values_ = st.fixed_dictionaries(
    {"request.time": st.integers(1_600_000_000, 1_900_000_000).map(lambda s: Stamp(s * 1_000_000_000))},
    optional={
        "resource.name": st.sampled_from(TEXTS),
        "resource.type": st.sampled_from(TEXTS),
        "request.path": st.one_of(st.sampled_from(TEXTS), st.text(max_size=4).filter(lambda t: "\x00" not in t)),
        "destination.port": st.integers(1, 65535) | st.integers(1, 61),
        "request.auth.access_levels": st.lists(st.sampled_from(TEXTS), max_size=2).map(tuple),
    },
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions_, values_)
def test_a_generated_condition(text: str, values: Mapping[str, Constant]) -> None:
    agree(text, values)
    node = parse_condition(text)
    assert parse_condition(text_of(node)) == node


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions_, values_)
def test_what_is_not_known_stays_a_formula_that_each_value_decides(text: str, values: Mapping[str, Constant]) -> None:
    oracle = Oracle(TAGS)
    if not oracle.compiles(text):
        return
    open_ = judge(parse_condition(text), Facts(values, unknown=True))
    now: dict[str, Known | Absent] = {name: Known(values[name]) if name in values else Absent() for name in UNKNOWN}
    told = {name: value for name, value in values.items() if name in VARIABLES}
    assert (decided(open_.true, now), decided(open_.false, now)) == outcome(oracle.says(text, told))
    for formula, value in ((open_.true, True), (open_.false, False)):
        verdict = solver().verdict(formula)
        said_ = oracle.says(text, told) is value
        if verdict.outcome is Outcome.ALWAYS:
            assert said_, (text, values)
        if verdict.outcome is Outcome.NEVER:
            assert not said_, (text, values)


def outcome(value: bool | None) -> tuple[bool, bool]:
    return value is True, value is False


def decided(formula: Formula, now: Mapping[str, Known | Absent]) -> bool:
    """A formula where every attribute has a value or is absent."""
    found: dict[Any, bool] = {}
    for one in literals(formula):
        assert isinstance(one.atom, conditions_of_gcp.Test)
        found[one.atom] = holds(one.atom, {name: now[name] for name in (one.atom.variable, *one.atom.others)})
    answer = assign(formula, found)
    assert isinstance(answer, bool)
    return answer
