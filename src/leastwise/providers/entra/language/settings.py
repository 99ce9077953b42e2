"""Diagnostic settings of the directory, as documents and as resources of a snapshot."""

from __future__ import annotations

NAME = "diagnosticsettings"
KIND = f"entra:{NAME}"
"""The kind of their rows in the table of resources."""
DOCUMENT = "aadiam.diagnosticSettings.list"
"""The kind of the raw document that lists them."""
SERVICE, CALL = DOCUMENT.split(".", 1)
"""As coverage names the call."""
