"""Where the project is, and the shared samples, logs and vectors beside it; where they are not, their tests skip."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
