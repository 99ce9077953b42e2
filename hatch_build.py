"""Builds what is not Python: the page, and the compiled part of reading logs.

The page belongs to a wheel and to a source distribution, which a wheel is then made of without node. npm builds it, or
node of a wheel where there is no npm. LEASTWISE_BUILD_WEB=0 leaves it out; an editable installation has it by `./x web`
(or with LEASTWISE_BUILD_WEB=1). How it is built stands in tools/build_page.py.

The compiled part is made where a C compiler and Python's headers are there; else it is left out. The program does the
same without it, only slower: so nothing that goes wrong there stops an installation, it is told and that is all. How it
is compiled stands in tools/compile_native.py.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "tools"))

from build_page import REQUIREMENT, PageError, build, has_tools, is_built
from compile_native import NAME, PLACE, compiled

_SWITCH = "LEASTWISE_BUILD_WEB"


class Built(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's hook of wheels and source distributions; in an editable installation files lie among the sources."""

    def dependencies(self) -> list[str]:
        """Node, where the page must be built and PATH has none."""
        left_out = os.environ.get(_SWITCH) == "0" or is_built(Path(self.root))
        return [] if left_out or has_tools() else [REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and put what came of it into the wheel, which then is one for this platform."""
        self._held = tempfile.TemporaryDirectory(prefix="leastwise-")
        if version != "editable" or os.environ.get(_SWITCH) == "1":
            self._page()
        if self.target_name == "wheel":
            self._compile(version == "editable", build_data)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled for the wheel, which has it now."""
        self._held.cleanup()

    def _page(self) -> None:
        root = Path(self.root)
        if os.environ.get(_SWITCH) == "0" or is_built(root):
            return
        self.app.display_info("leastwise: building the page (about a minute)")
        try:
            build(root)
        except PageError as error:
            self.app.abort(f"the page cannot be built: {error} ({_SWITCH}=0 leaves it out)")

    def _compile(self, editable: bool, build_data: dict[str, Any]) -> None:
        place = Path(self.root) / PLACE
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
