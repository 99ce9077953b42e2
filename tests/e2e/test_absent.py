"""Commands do not load pandas, which Arrow would where it is installed; who needs it gets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from leastwise.cli.main import main
sys.argv = ["leastwise", *sys.argv[1:]]
try:
    main()
finally:
    print("pandas" in sys.modules, file=sys.stderr)
"""


def asked(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=False)


def test_a_command_that_makes_columns_does_not_load_pandas(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(
        '{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventTime":"2026-01-31T07:15:00Z",'
        '"eventID":"0d5b3c1e-1111-4222-8333-abcdefabcdef","awsRegion":"eu-west-1","recipientAccountId":"222222222222"}]}'
    )
    found = asked("events", str(tmp_path / "one.json"), "--home", str(tmp_path / "home"))
    assert found.returncode == 0, found.stderr
    assert "1 new event" in found.stdout
    assert found.stderr.endswith("False\n")


def test_what_is_hidden_is_as_if_it_were_not_installed_until_it_is_shown() -> None:
    pytest.importorskip("pandas", reason="needs the extra scale")
    script = (
        "from leastwise.app.absent import hide, show\n"
        "hide('pandas')\n"
        "try:\n    import pandas\nexcept ModuleNotFoundError as error:\n    print(error.name)\n"
        "show('pandas')\nimport pandas\nprint(pandas.DataFrame({'a': [1]}).size)\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout == "pandas\n1\n"
