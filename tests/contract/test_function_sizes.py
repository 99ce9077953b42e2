"""No function of the program is longer than sixty lines: what is longer is several things."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "leastwise"
LONGEST = 60


def long_functions(text: str) -> list[tuple[str, int]]:
    """The functions of a module that are too long, with their lines."""
    if text.count("\n") < LONGEST:
        return []
    functions = (one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
    lengths = ((one.name, (one.end_lineno or 0) - one.lineno + 1) for one in functions)
    return [(name, lines) for name, lines in lengths if lines > LONGEST]


def test_functions_are_short() -> None:
    found = {str(file.relative_to(SOURCE)): long_functions(file.read_text("utf-8")) for file in SOURCE.rglob("*.py")}
    assert {file: several for file, several in found.items() if several} == {}


def test_one_that_is_too_long_is_found() -> None:
    body = "\n".join(["def f():", *["    x = 1"] * LONGEST, ""])
    assert long_functions(body) == [("f", LONGEST + 1)]
    assert long_functions(body.replace("    x = 1\n", "", 1)) == []
