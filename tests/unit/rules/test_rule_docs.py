"""The pages under docs/rules are those that the rule files give."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "build_rule_docs.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"run tools/build_rule_docs.py: {done.stdout}{done.stderr}"
