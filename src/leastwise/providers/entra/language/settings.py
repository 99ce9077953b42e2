"""Diagnostic settings of the directory, as documents and as resources of a snapshot."""

from __future__ import annotations

from leastwise.providers.microsoft.log_names import OF_DIRECTORY
from leastwise.providers.microsoft.settings import Setting

NAME = "diagnosticsettings"
KIND = f"entra:{NAME}"
"""The kind of their rows in the table of resources."""
DOCUMENT = "aadiam.diagnosticSettings.list"
"""The kind of the raw document that lists them."""
SERVICE, CALL = DOCUMENT.split(".", 1)
"""As coverage names the call."""
_EVERYTHING = frozenset(("alllogs",))
"""Groups of categories that have all of them."""


def categories_of(setting: Setting) -> frozenset[str]:
    """The categories that tell of usage and that a setting lets through, as they are spelled."""
    return frozenset(one for one in OF_DIRECTORY if setting.takes(one, _EVERYTHING))
