"""The built page: small enough, compressed as it is, and nothing in it that the policy of the page forbids."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "src" / "leastwise" / "web_dist"
WEB = ROOT / "web"
MOST = 300_000
"""Bytes of the first page under gzip, with its font."""

built = pytest.mark.skipif(not (BUILT / "index.html").exists(), reason="the page is not built: ./x web")
sources = pytest.mark.skipif(
    not (WEB / "node_modules" / ".bin").exists(), reason="nothing is installed in web: ./x web"
)


def _needed(manifest: dict[str, dict[str, object]], *names: str) -> set[str]:
    """The files that chunks need before they can run."""
    found: set[str] = set()
    left = list(names)
    seen: set[str] = set()
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = manifest[name]
        found |= {str(chunk["file"]), *map(str, chunk.get("css", []))}  # type: ignore[call-overload]
        left += map(str, chunk.get("imports", []))  # type: ignore[call-overload]
    return found


def _sent(name: str) -> int:
    packed = BUILT / f"{name}.gz"
    return (packed if packed.exists() else BUILT / name).stat().st_size


@built
def test_the_first_page_is_small() -> None:
    manifest = json.loads((BUILT / "manifest.json").read_text())
    files = _needed(manifest, "index.html", "src/pages/Overview/index.tsx")
    font = next(path.relative_to(BUILT).as_posix() for path in BUILT.glob("assets/inter-latin-wght-*.woff2"))
    sizes = {name: _sent(name) for name in sorted({*files, font, "index.html", "theme.js", "icon.svg"})}
    assert sum(sizes.values()) <= MOST, sizes


@built
def test_graphs_come_with_the_page_that_needs_them() -> None:
    manifest = json.loads((BUILT / "manifest.json").read_text())
    first = _needed(manifest, "index.html", "src/pages/Overview/index.tsx", "src/pages/Identities/index.tsx")
    graph = str(manifest["src/pages/Paths/Graph.tsx"]["file"])
    assert graph not in first


@built
def test_what_is_sent_compressed_is_what_lies_beside_it() -> None:
    packed = list(BUILT.rglob("*.gz"))
    assert packed
    for path in packed:
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes(), path.name


@built
def test_the_page_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    html = (BUILT / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
    for sheet in BUILT.glob("assets/*.css"):
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|@import", sheet.read_text()), sheet.name


@built
def test_licences_of_what_is_built_in_come_along() -> None:
    told = (BUILT / "licenses.md").read_text()
    for name in ("react", "cytoscape", "@tanstack/react-query", "@tanstack/react-router"):
        assert name in told


@sources
@pytest.mark.slow
@pytest.mark.parametrize(
    "gate", [("typescript/bin/tsc", "--noEmit"), ("eslint/bin/eslint.js", "."), ("vitest/vitest.mjs", "run")]
)
def test_the_sources_pass_their_gates(gate: tuple[str, ...]) -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    from build_page import tools

    node, _ = tools()
    done = subprocess.run([node, f"node_modules/{gate[0]}", *gate[1:]], cwd=WEB, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
