"""An organization with something of everything, translated: every row as it was last approved.

`LEASTWISE_UPDATE_GOLDEN=1` writes the file anew; read the difference before it is committed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from gcp_support import rows, tables

from leastwise.providers.gcp import PROVIDER

FOLDER = Path(__file__).parents[2] / "golden" / "gcp"


def test_the_organization_translates_as_approved(tmp_path: Path) -> None:
    for source in (FOLDER / "corp").rglob("*"):
        if source.is_file():
            target = tmp_path / source.relative_to(FOLDER / "corp")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    (one,) = PROVIDER.read_exports([tmp_path])
    found: dict[str, Any] = {}
    made = tables(one)
    for name in made:
        found[name] = []
        for row in rows(made, name):
            shown = {
                key: value
                for key, value in row.items()
                if key not in ("text", "hash") and value not in (None, "", [], False)
            }
            for key, value in shown.items():
                if key in ("actions", "permissions") and len(value) > 6:
                    shown[key] = [*value[:2], f"… {len(value)} in all"]
            found[name].append(json.loads(json.dumps(shown, default=str)))
    golden = FOLDER / "corp.json"
    if os.environ.get("LEASTWISE_UPDATE_GOLDEN"):
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(golden.read_text())
