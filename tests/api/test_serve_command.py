"""`leastwise serve` as a process: a real server on loopback."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")

LAZY = ("fastapi", "starlette", "pydantic", "uvicorn", "authlib", "argon2", "prometheus_client")


@pytest.fixture
def serve(demo_home):
    """Starts servers of the demo; gives the process and its address once it says that it is ready."""
    started = []

    def start(*options, command=("serve", "--port", "0")):
        command = [sys.executable, "-m", "leastwise", *command, "--home", str(demo_home), *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
        )
        started.append(process)
        for line in process.stdout:
            if found := re.fullmatch(r"leastwise is ready at (http://\S+) \(\d+\.\d s\)\n", line):
                return process, found[1]
        raise AssertionError(process.stderr.read())

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_server_says_when_it_is_ready_logs_lines_of_json_and_ends_when_asked(serve):
    process, url = serve("--without-sign-in")
    assert httpx.get(f"{url}/readyz").json() == {"status": "ready"}
    told = httpx.get(f"{url}/api/v1/me").json()
    assert [one["duty"] for one in told["duties"]] == ["analyst", "viewer"]
    assert httpx.get(f"{url}/metrics").status_code == 200
    proxied = httpx.get(f"{url}/metrics", headers={"X-Forwarded-For": "192.0.2.1"})
    assert proxied.status_code == 403
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    lines = [json.loads(line) for line in log.splitlines()]
    mine = next(one for one in lines if one.get("route") == "/api/v1/me")
    assert (mine["status"], mine["caller"], mine["address"]) == (200, "local", "127.0.0.1")


def test_the_demo_ends_by_serving_the_page_until_it_is_asked_to_end(serve, demo_home):
    process, url = serve(command=("demo", "--serve"))
    assert httpx.get(f"{url}/api/v1/overview").json()["findings"]["severities"]["critical"] == 1
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert run(["identities", "--limit", "1", "--home", str(demo_home), "--format", "json"]) == 0


def test_the_demo_into_a_file_ends_by_itself(demo_home):
    command = [sys.executable, "-m", "leastwise", "demo", "--home", str(demo_home)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert "What to do first" in told and "ready at" not in told


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        (["--host", "0.0.0.0"], "name the https address that browsers use with --public-url"),
        (["--host", "0.0.0.0", "--public-url", "http://a.example"], "sessions need https"),
        (["--host", "0.0.0.0", "--public-url", "https://a.example", "--without-sign-in"], "for this machine only"),
        (["--public-url", "https://a.example", "--without-sign-in"], "for this machine only"),
        (["--host", "192.0.2.77", "--public-url", "https://a.example"], "cannot be listened at"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_refused_in_one_line(demo_home, capsys, options, cause):
    assert run(["serve", "--home", str(demo_home), "--port", "0", *options]) == 2
    err = capsys.readouterr().err
    assert cause in err and err.count("\n") == 1


def test_a_port_that_is_taken_is_named(demo_home, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["serve", "--home", str(demo_home), "--port", str(port)]) == 2
    assert f"--port {port}: cannot be listened at" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["settings", "list", "--home", "HOME"]])
def test_only_serve_loads_the_server(arguments, tmp_path):
    code = (
        "import sys; from leastwise.cli.main import run; assert run(sys.argv[1:]) == 0; "
        f"print('loaded:', [name for name in {LAZY} if name in sys.modules])"
    )
    given = [str(tmp_path / "home") if one == "HOME" else one for one in arguments]
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True, check=False)
    assert "loaded: []" in done.stdout, done.stdout + done.stderr
