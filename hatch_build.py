"""Builds the compiled part of reading logs, where a C compiler and Python's headers are there; else it is left out.

The program does the same without it, only slower: so nothing that goes wrong here stops an installation, it is told and
that is all. How it is compiled stands in tools/compile_native.py.
"""

from __future__ import annotations

import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "tools"))

from compile_native import NAME, PLACE, compiled


class CompiledCode(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's hook of a wheel; in an editable installation the file lies among the sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and put what came of it into the wheel, which then is one for this platform."""
        place, editable = Path(self.root) / PLACE, version == "editable"
        self._held = tempfile.TemporaryDirectory(prefix="leastwise-")
        target = (place if editable else Path(self._held.name)) / NAME
        target.unlink(missing_ok=True)
        why = compiled(place / "native", target)
        if why:
            self.app.display_warning(f"leastwise is built without compiled code ({why}): logs are read slower")
            return
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"cp311-abi3-{platform}"
        if not editable:
            build_data["force_include"][str(target)] = str(PLACE.relative_to("src") / NAME)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled for the wheel, which has it now."""
        self._held.cleanup()
