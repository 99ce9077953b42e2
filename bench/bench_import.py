"""Import of one account of 100 000 principals, against parsing the same bytes with msgspec; prints ratios to limits.

The import is the whole command `leastwise import`: start, reading, documents parsed, tables and raw segments written,
exit. The parse is the warm decoding of account details into typed structs alone, with the documents left raw (the
stricter reading).

Usage: ./x bench bench_import [PRINCIPALS]. Every job is a process of its own; what is compared is its CPU time (user
and system). Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
from pathlib import Path

from measuring import GENERATOR, Cost, account, run, show

RUNS = 3
MOST_CPU, MOST_MIB, MOST_EXPONENT, MOST_PAGE = 15.0, 1.2 * 1024, 1.05, 0.5

IMPORT = """
import sys
from leastwise.cli.main import main
sys.argv = ["leastwise", "import", sys.argv[1], "--home", sys.argv[2]]
main()
"""
PAGE = """
import sys, time
from pathlib import Path
from leastwise.app.estate import open_estate
from leastwise.app.inventory import Filters, list_rows
from leastwise.app.wiring import Workspace
start = time.perf_counter()
page = list_rows(open_estate(Workspace(home_option=Path(sys.argv[2]))), "identities", Filters(), limit=50)
print(time.perf_counter() - start)
assert len(page.items) == 50 and page.next
"""
PARSE = """
import gc, sys, time
from pathlib import Path
from leastwise.providers.aws.translate.entities import Details
import msgspec
decode = msgspec.json.Decoder(Details).decode
gc.disable()  # the parser at its best: as the import itself does it
files = [path.read_bytes() for path in sorted(Path(sys.argv[1], "accounts").glob("*.json"))]
beside = [path.read_bytes() for path in sorted(Path(sys.argv[1]).glob("*.json"))]
for _ in range(7):
    start = time.process_time()
    for data in files:
        decode(data)
    for data in beside:
        msgspec.json.decode(data)
    print(time.process_time() - start)
"""


def imports(folder: Path, keep: Path) -> list[Cost]:
    """Import into a fresh home, several times; the last home stays at `keep`."""
    costs = []
    for number in range(RUNS):
        with tempfile.TemporaryDirectory() as other:
            home = keep if number == RUNS - 1 else Path(other) / "home"
            costs.append(run(IMPORT, folder, home))
    return costs


def main() -> int:
    """Measure and print."""
    principals = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if not GENERATOR.exists():
        print(f"skipped: {GENERATOR} is not there")
        return 0
    large, small = account(principals), account(principals // 10)
    with tempfile.TemporaryDirectory() as folder:
        run(IMPORT, account(100), Path(folder) / "warm")  # compiles the modules
        home = Path(folder) / "large"
        few = imports(small, Path(folder) / "small")
        many = imports(large, home)
        parsed = [float(line) for line in run(PARSE, large).output.split()][2:]
        pages = [run(PAGE, large, home) for _ in range(5)]
    cpu = statistics.median(cost.cpu for cost in many)
    parse = statistics.median(parsed)
    exponent = math.log10(cpu / statistics.median(cost.cpu for cost in few))
    print(f"{principals} principals, medians of {RUNS} imports, {len(parsed)} parses, {len(pages)} pages")
    show("import CPU / msgspec parse CPU", cpu / parse, MOST_CPU, f"{cpu:.2f} s / {parse:.3f} s")
    show("import, peak MiB", max(cost.mib for cost in many), MOST_MIB, "")
    show(f"growth exponent from {principals // 10}", exponent, MOST_EXPONENT, "")
    opened = statistics.median(float(cost.output) for cost in pages)
    whole = statistics.median(cost.wall for cost in pages)
    show("open, first page of identities, s", opened, MOST_PAGE, f"whole process with its libraries: {whole:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
