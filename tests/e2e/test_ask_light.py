"""Questions start quickly: what only imports need is not loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = ("pyarrow", "scipy", "duckdb", "boto3", "botocore")
ASK = """
import sys
from leastwise.cli.main import run
code = run(sys.argv[2:])
loaded = [name for name in sys.argv[1].split(",") if name in sys.modules]
sys.exit(f"loaded: {loaded}" if loaded else code)
"""


def test_questions_of_a_compiled_estate_load_no_heavy_library(own_demo: Path) -> None:
    def ask(*command: str) -> None:
        heavy = ",".join(HEAVY) if first else "none"
        done = subprocess.run(
            [sys.executable, "-c", ASK, heavy, *command, "--home", str(own_demo)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    first = False
    ask("similar", "--format", "json")  # a question that goes to every provider, so that the whole estate is compiled
    first = True
    ask("who-can", "s3:GetObject", "arn:aws:s3:::anything/key", "--transitive")
    ask("can", "*", "s3:GetObject", "arn:aws:s3:::anything/key")
    ask("what-can", "111111111111", "--format", "json")
    ask("compare", "111111111111", "222222222222", "--format", "json")
    ask("similar", "--format", "json")
