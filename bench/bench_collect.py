"""Collection of 40 accounts in 17 regions from a loopback server with 50 ms latency a call, against the machine-free
limit: calls x latency / calls in flight.

Usage: ./x bench bench_collect [ACCOUNTS]. The fake of AWS (tests/fakes) is a process of its own. Prints wall time and
its share of the limit, calls by service, the most calls in flight at the server, CPU a call, memory after ten accounts
and at the end, and what a client costs. Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REGIONS, LATENCY, IN_FLIGHT, EFFICIENCY = 17, 0.05, 10, 0.85

COLLECT = """
import json, os, resource, sys, time
from pathlib import Path
from leastwise.app.collecting import collect
from leastwise.app.wiring import Workspace

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

start, cpu = time.perf_counter(), time.process_time()
memory, states = [], {}
place = Workspace(home_option=Path(sys.argv[1]))
for one in collect(place, [{"provider": "aws", "role": "Reader", "in_flight": int(sys.argv[2])}]):
    states[str(one.manifest.state)] = states.get(str(one.manifest.state), 0) + 1
    memory.append(resident())
print(json.dumps({"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu, "memory": memory,
                  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "states": states}))
"""
PARTS = """
import time
import botocore.session
from leastwise import __version__
from leastwise.providers.aws.collect.clients import Clients
from leastwise.providers.aws.collect.declaration import Call, Service
session = botocore.session.Session()
session.create_client("iam", region_name="us-east-1")
start = time.process_time()
for region in ("us-east-1", "eu-west-1", "eu-central-1", "us-west-2", "ap-south-1"):
    session.create_client("lambda", region_name=region)
print(f"a client of the SDK: {(time.process_time() - start) * 200:.1f} ms")
clients = Clients(10, "bench")
what = Service(service="iam", calls=[]), Call(call="GetAccountSummary"), "us-east-1", {}, session.get_credentials()
ask = lambda: clients.ask(*what)
ask()
start = time.process_time()
for _ in range(100):
    ask()
print(f"a call through the SDK: {(time.process_time() - start) * 10:.2f} ms of CPU")
"""


def main() -> None:
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, "-c", "from fakes.aws import main; main()", str(accounts), str(REGIONS), str(LATENCY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            assert server.stdout
            url = server.stdout.readline().strip()
            environment |= {
                "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": f"AKIA{10**11}BASE", "AWS_SECRET_ACCESS_KEY": "bench",
                "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1",
            }  # fmt: skip
            measure(environment, url, accounts)
            print(
                subprocess.run([sys.executable, "-c", PARTS], env=environment, check=True, stdout=-1, text=True).stdout
            )
        finally:
            server.terminate()


def measure(environment: dict[str, str], url: str, accounts: int) -> None:
    """One collection, and what it cost."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-c", COLLECT, home, str(IN_FLIGHT)], env=environment, check=True, stdout=-1, text=True
        )
        size = sum(path.stat().st_size for path in Path(home).rglob("*") if path.is_file()) / 2**20
    told = json.loads(done.stdout)
    with urllib.request.urlopen(f"{url}/_counts") as answer:
        counts = json.load(answer)
    services = Counter[str]()
    for _, _, service, _, count in counts["calls"]:
        services[service] += count
    calls = services.total()
    limit = calls * LATENCY / IN_FLIGHT
    wall = told["wall"]
    memory = told["memory"]
    print(f"{accounts} accounts, {REGIONS} regions, {calls} calls ({dict(services)}), states {told['states']}")
    print(f"wall {wall:.1f} s; limit {limit:.1f} s; efficiency {limit / wall:.3f} (at least {EFFICIENCY})")
    print(f"most calls in flight at the server: {counts['most']} (at most {IN_FLIGHT})")
    print(f"CPU {told['cpu']:.1f} s, {told['cpu'] / calls * 1000:.2f} ms a call, with translation and storing")
    print(f"memory after 10 scopes {memory[min(9, len(memory) - 1)]:.0f} MiB, at the end {memory[-1]:.0f} MiB, "
          f"peak {told['peak']:.0f} MiB; home {size:.0f} MiB")  # fmt: skip
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; "
          f"children's CPU {resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime:.0f} s")  # fmt: skip


if __name__ == "__main__":
    main()
