"""`leastwise check`: entitlement unit tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import InputError

from ..answers import Answer, Shape, put
from ..options import Asked, spread, workspace

if TYPE_CHECKING:
    from leastwise.app.asking import Asking
    from leastwise.app.checking import Checked, CounterExample
    from leastwise.model.decision import Circumstances

_NAMES = (
    "name", "form", "line", "state", "principal", "permission", "resource", "decision", "when", "chain", "missing",
    "reason",
)  # fmt: skip

_SHOWN = 5
"""Counter-examples of one assertion that a person reads."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    @spread
    def check(
        *,
        file: Annotated[Path, typer.Argument(help="File of assertions (YAML or JSON).", show_default=False)],
        junit: Annotated[
            Path | None, typer.Option("--junit", help="Write the results there too, as JUnit XML.", show_default=False)
        ] = None,
        asked: Asked,
    ) -> None:
        """Check assertions about access; exit code 1 if one does not hold, with the counter-example."""
        from leastwise.app.assertions import read_assertions
        from leastwise.app.checking import asked_of, check_all
        from leastwise.app.each import Turning

        assertions = read_assertions(file)
        here = workspace(asked.home, asked.database)
        kept: list[tuple[str, Checked]] = []

        def ask(asking: Asking) -> Answer:
            turning = Turning(here, asking)
            checked, used = check_all(here, asking, assertions, turning)
            moment = "" if asking.moment is None else asking.moment.isoformat()
            kept.extend((moment, one) for one in checked)
            return replace(_answer(checked, sorted({*asking.used, *used})), unasked=turning.unasked)

        def each(asking: Asking) -> list[Asking]:
            turning = Turning(here, asking)
            found = (asked_of(turning, one) for one in assertions)
            return list({id(one): one for one in found}.values())

        failed = put(asked, Shape(names=_NAMES), ask, _nothing(), each=each)
        if junit is not None:
            _write(junit, file, kept)
        if failed:
            raise typer.Exit(1)


def _nothing() -> Circumstances:
    from leastwise.model.decision import Circumstances

    return Circumstances()


def _answer(checked: Sequence[Checked], used: Sequence[str]) -> Answer:
    from leastwise.app.checking import Result

    counts = {str(state): sum(one.result is state for one in checked) for state in Result}
    lines = [line for one in checked if one.result is not Result.PASSED for line in _lines(one)]
    said = ", ".join(f"{number} {state}" for state, number in counts.items() if number or state == "passed")
    lines.append(f"{len(checked)} assertions: {said}.")
    body = {"items": [one.to_json() for one in checked], "next": None, "counts": counts}
    failed = any(one.result is not Result.PASSED for one in checked)
    answer = Answer(body, [row for one in checked for row in _rows(one)], tuple(lines), failed=failed)
    return replace(answer, used=tuple(used))


def _lines(one: Checked) -> list[str]:
    """What is wrong, as a person would say it."""
    place = f" (line {one.assertion.line})" if one.assertion.line else ""
    lines = [f"{one.result.upper()}  {one.assertion.name}{place}"]
    if one.assertion.reason:
        lines.append(f"  {one.assertion.reason}")
    shown = (one.found or one.open)[:_SHOWN]
    for example in shown:
        lines += [f"  {line}" for line in _told(example)]
    if one.count > len(shown):
        lines.append(f"  and {one.count - len(shown)} more (--format json)")
    if not one.count:
        told = {gap for example in one.open for gap in example.missing}
        lines += [f"  not known: {gap}" for gap in one.missing if gap not in told]
    return lines


def _told(example: CounterExample) -> list[str]:
    from leastwise.app.asking import spoken

    where = f" on {example.resource}" if example.resource else ""
    lines = [f"{example.principal}: {example.permission}{where} is {example.state}"]
    if example.chain:
        lines.append(f"  through {' > '.join(link.name for link in example.chain)}")
    if example.residual != ():
        lines.append(f"  when {spoken(example.residual)}")
    lines += [f"  because {text}" for text in example.because]
    return [*lines, *(f"  not known: {gap}" for gap in example.missing)]


def _rows(one: Checked) -> list[dict[str, Any]]:
    """A row for each counter-example, or one for the assertion."""
    from leastwise.app.asking import spoken

    told = one.to_json()
    row = {name: told.get(name) for name in ("name", "form", "line", "state", "missing", "reason")}
    examples = [
        {
            "principal": example.principal, "permission": example.permission, "resource": example.resource,
            "decision": str(example.state), "when": spoken(example.residual) if example.residual != () else "",
            "chain": " > ".join(link.name for link in example.chain),
        }
        for example in (one.found or (one.open if told["counter_examples"] else []))
    ]  # fmt: skip
    return [{name: (row | example).get(name) for name in _NAMES} for example in examples or [{}]]


def _write(path: Path, file: Path, kept: Sequence[tuple[str, Checked]]) -> None:
    """Results as JUnit XML, as pipelines show them: a failure for each that does not hold. Raises InputError."""
    from xml.etree.ElementTree import Element, SubElement, tostring

    from leastwise.app.checking import Result

    bad = [one for _, one in kept if one.result is not Result.PASSED]
    suite = Element("testsuite", name=str(file), tests=str(len(kept)), failures=str(len(bad)), errors="0", skipped="0")
    for moment, one in kept:
        name = _clean(one.assertion.name + (f" at {moment}" if moment else ""))
        case = SubElement(suite, "testcase", name=name, classname=_clean(str(file)), file=_clean(str(file)))
        if one.assertion.line:
            case.set("line", str(one.assertion.line))
        if one.result is not Result.PASSED:
            text = _clean("\n".join(_lines(one)))
            SubElement(case, "failure", type=str(one.result), message=text.partition("\n")[0]).text = text
    try:
        path.write_bytes(tostring(suite, encoding="utf-8", xml_declaration=True))
    except OSError as error:
        raise InputError(path, f"cannot be written: {error.strerror or error}") from None


def _clean(text: str) -> str:
    """Without the characters that XML has no place for."""
    return "".join(one if one.isprintable() or one == "\n" else "\ufffd" for one in text)
