"""The gap of every principal of an account from stored aggregates; prints the ratio to the limit.

Usage: ./x bench bench_gap [PRINCIPALS ...] (default: 100000). The account is the generator's, compiled; the rows of
`usage` are twenty a principal, drawn with a seed. Measured is CPU time (user and system) in a process that has mapped
the compiled file and holds the rows: adding them up, what everybody holds, the verdicts in numbers, the creep index.
Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from bench_access import MAKE
from measuring import account, run, show

LIMIT_S = 20.0
"""CPU seconds for 100,000 principals."""
GAP = """
import json, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
import numpy as np
import pyarrow as pa
from leastwise.engine.arrays import open_arrays
from leastwise.engine.columns import arrow_schema
from leastwise.engine.quiet import without_collector
from leastwise.model.gap import Kept, Window
from leastwise.model.tables.usage import OBSERVABILITY, USAGE
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.naming import NAMING
from leastwise.providers.aws.observing import observability
from leastwise.providers.aws.sensitivity import sensitivity
from leastwise.usage.attempts import Attempts
from leastwise.usage.everyone import Everyone
from leastwise.usage.gap import Facts
from leastwise.usage.uses import Uses
from leastwise.usage.keeping import Logs
from leastwise.usage.watching import Watching

port = AwsPort(open_arrays(Path(sys.argv[1])))
ids, names = port.access.estate.principal_ids.all(), port.permissions()
accounts = sorted({one.split(":")[4] for one in ids})
end = datetime(2026, 11, 1, tzinfo=UTC)
random, rows = np.random.default_rng(20260101), 20 * len(ids)
day = random.integers(20600, 20757, rows)
time_ = pa.array(day * 86_400_000_000, pa.timestamp("us", tz="UTC"))
word = lambda text: pa.repeat(pa.scalar(text), rows)
coded = lambda values: pa.DictionaryArray.from_arrays(
    pa.array(random.integers(0, len(values), rows), pa.int32()), pa.array(values)
)
columns = {name: word("") for name in arrow_schema(USAGE).names}
number = pa.array(np.zeros(rows, np.int32))
columns |= {"principal": coded(ids), "permission": coded(names), "how": word("call"), "day": pa.array(day, pa.int32())}
columns |= {"count": pa.array(np.ones(rows, np.int32)), "denied": number, "unknown": number}
columns |= dict.fromkeys(("first", "last", "first_used", "last_used"), time_)
usage = pa.table(columns)
whole = [{"provider": "aws", "account": one, "region": "*", "permission": name, "resource": what, "observed": seen,
          "reason": "trail t", "log": "t", "begin": end - timedelta(days=900), "end": end,
          "source": "bench"}
         for one in accounts for name, what, seen in (("*", "*", "yes"), ("s3:GetObject", "arn:aws:s3:::a*", "yes"),
                                                      ("s3:GetObject", "*", "no"), ("s3:PutObject", "*", "no"))]
table = pa.concat_tables([observability([]), pa.Table.from_pylist(whole, schema=arrow_schema(OBSERVABILITY))])

start = time.process_time()
words = sensitivity()
logs = Logs([Kept("t", one, "*", end - timedelta(days=400), end) for one in accounts])
window = Window(end - timedelta(days=90), end)
with without_collector():
    watching = Watching(names, table, logs, window, NAMING)
    facts = Facts(names, [words[one] for one in names], Uses(usage, window), watching, {}, Attempts.none(window))
    found = list(Everyone(port.everybody(), facts).summaries())
cpu, exact = time.process_time() - start, sum(one.exact for one in found)
print(json.dumps({"cpu": cpu, "principals": len(found), "exact": exact}))
"""


def main() -> None:
    sizes = [int(one) for one in sys.argv[1:]] or [100_000]
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            compiled = Path(folder, f"{size}.lwa")
            run(MAKE, account(size), compiled)
            found = json.loads(run(GAP, compiled).output)
            show(f"gap of {found['principals']} principals, CPU s", found["cpu"], LIMIT_S, f"{found['exact']} exact")


if __name__ == "__main__":
    main()
