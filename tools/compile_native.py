"""Compile the compiled part of reading logs (src/leastwise/providers/aws/events/native). Standard library only.

The code keeps to Python's stable interface: one file serves all versions from 3.11 on. With LEASTWISE_PURE set nothing
is compiled. The compiler is CC, or the one that Python was built with, or is called cc, gcc or clang.

    python tools/compile_native.py            puts the file among the sources, as an editable installation does
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

PLACE = Path("src/leastwise/providers/aws/events")
NAME = "_native.abi3.so"
_SECONDS = 300


def compiled(sources: Path, target: Path) -> str:
    """Compile what lies in a folder; why it cannot be done, empty if it was."""
    if os.environ.get("LEASTWISE_PURE"):
        return "LEASTWISE_PURE is set"
    if os.name != "posix" or sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "it is not made for this platform"
    named = os.environ.get("CC")
    every = dict.fromkeys([named] if named else [sysconfig.get_config_var("CC"), "cc", "gcc", "clang"])
    causes = []
    for compiler in filter(None, every):
        if not (why := _tried(shlex.split(compiler), sources, target)):
            return ""
        causes.append(why)
    return "; ".join(causes) or "there is no compiler"


def digest(sources: Path) -> str:
    """What tells the sources from others; the compiled code says which it was made of."""
    found = hashlib.sha256()
    for path in sorted(sources.glob("*.[ch]")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _tried(compiler: list[str], sources: Path, target: Path) -> str:
    shared = ["-bundle", "-undefined", "dynamic_lookup"] if sys.platform == "darwin" else ["-shared"]
    includes = dict.fromkeys(sysconfig.get_paths()[name] for name in ("include", "platinclude"))
    draft = target.with_suffix(".new")
    made = f'-DLEASTWISE_SOURCE="{digest(sources)}"'
    command = [*compiler, "-O3", "-DNDEBUG", "-fPIC", *shared, made, *(f"-I{one}" for one in includes),
               str(sources / "rows.c"), "-o", str(draft)]  # fmt: skip
    try:
        if why := _run(command, compiler[0]):
            return why
        # One that cannot be loaded, or does not do the least, is none.
        if why := _run([sys.executable, "-c", _TRIAL, str(draft)], "what was compiled"):
            return why
        draft.replace(target)
    except OSError as error:
        return f"{compiler[0]}: {error.strerror or error}"
    finally:
        draft.unlink(missing_ok=True)
    return ""


_TRIAL = """
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.ExtensionFileLoader("_native", sys.argv[1])
code = importlib.util.module_from_spec(importlib.util.spec_from_file_location("_native", sys.argv[1], loader=loader))
loader.exec_module(code)
assert code.Rows(1).take(b'{"Records":[]}') == 0
"""


def _run(command: list[str], what: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"{what}: took too long"
    if done.returncode == 0:
        return ""
    told = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    errors = [line for line in told if "error" in line.lower()] or told
    return f"{what}: {errors[0].strip()[:200]}" if errors else f"{what}: ended with {done.returncode}"


def main() -> int:
    place = Path(__file__).resolve().parents[1] / PLACE
    why = compiled(place / "native", place / NAME)
    print(why or f"compiled: {place / NAME}")
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main())
