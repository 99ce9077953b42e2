"""A loopback fake of AWS: many accounts and regions, pages, latency, and faults on demand.

It tells accounts apart by access key and services and regions by the scope of the signature, so one address serves all
of AWS (`AWS_ENDPOINT_URL`). Every operation of a declared service that the estate does not answer gets a valid empty
answer. As a program (`main`, with ACCOUNTS REGIONS LATENCY) it prints its address; `GET /_counts` tells what
was called.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from leastwise.providers.aws.collect.declaration import declared

from .aws_wire import Request, error, model, signer, understand, written

REGIONS = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2",
    "eu-west-3", "eu-north-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1",
    "ap-southeast-2", "sa-east-1",
)  # fmt: skip
SECRET = "not-a-secret-but-a-canary-0d1f"
Answer = Callable[[Request], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead of an answer: an error, a connection that drops, or an answer cut off."""

    code: str = ""
    message: str = "scripted"
    http: int = 400
    drop: bool = False
    cut: bool = False
    body: bytes | None = None


Scripted = Callable[[Request], Fault | None]


class Refused(Exception):
    """Raised by an answer: the service's own error."""

    def __init__(self, code: str, message: str = "", http: int = 404) -> None:
        self.fault = Fault(code, message, http)


@dataclass
class FakeAws:
    """The server. `answers` maps `service.Operation` to what it answers; `faults` are asked first, in order."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    accounts: Sequence[str] = ("111111111111",)
    regions: Sequence[str] = REGIONS[:2]
    latency: float = 0.0
    faults: list[Scripted] = field(default_factory=list)
    calls: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    log: list[Request] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    disallowed: set[str] = field(default_factory=set)
    clock: timedelta = timedelta()
    lifetime: timedelta = timedelta(hours=1)
    keep_log: bool = True
    in_flight: int = 0
    most_in_flight: int = 0
    unknown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server: Any = None
        self._keys: dict[str, str] = {}
        names = {service.of(call).service for service in declared() for call in service.walk()}
        self.services = tuple(sorted({*names, "iam", "sts", "ec2", "organizations", "s3", "lambda"}))
        self.answers = {
            "sts.GetCallerIdentity": self._whoami, "sts.AssumeRole": self._assume,
            "ec2.DescribeRegions": lambda _: {"Regions": [{"RegionName": one} for one in self.regions]},
            "organizations.DescribeOrganization": self._organization, "organizations.ListAccounts": self._list_accounts,
            "iam.GetRole": self._role, "iam.SimulatePrincipalPolicy": self._simulate,
            **self.answers,
        }  # fmt: skip

    def __enter__(self) -> FakeAws:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.fake = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """The network is gone: nothing listens any more, and open connections are cut."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.cut()
            self._server = None

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """What makes the SDK talk to this server, as the management account."""
        return {
            "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": f"AKIA{self.accounts[0]}BASE",
            "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        }  # fmt: skip

    def count(self, service: str = "", operation: str = "", account: str = "", region: str = "") -> int:
        """How many calls of that kind were made."""
        wanted = (account, region, service, operation)
        return sum(
            count
            for made, count in self.calls.items()
            if all(not w or w == m for w, m in zip(wanted, made, strict=True))
        )

    def serve(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes] | Fault:
        """The answer to one HTTP request."""
        signed = signer(headers)
        try:
            service, operation, parameters = understand(self.services, method, target, headers, body)
        except LookupError as unknown:
            self.unknown.append(str(unknown))
            return 501, {}, b""
        signed = signed or ("", "us-east-1", "")
        account = self._keys.get(signed[0]) or signed[0][4:16] or self.accounts[0]
        with self._lock:
            self.calls[account, signed[1], service, operation] += 1
            number = self.calls.total()
        request = Request(signed[0], account, signed[1], service, operation, parameters, number)
        if self.keep_log:
            self.log.append(request)
        fault = next((found for one in self.faults if (found := one(request))), None)
        try:
            made = written(service, operation, self._answer(request)) if fault is None or fault.cut else None
        except Refused as refused:
            fault, made = refused.fault, None
        if made is not None:
            return (made[0], made[1], made[2][: len(made[2]) // 2]) if fault else made
        assert fault is not None
        if fault.drop:
            return fault
        told, text = error(service, fault.code, fault.message)
        return fault.http, told, fault.body if fault.body is not None else text

    def _answer(self, request: Request) -> dict[str, Any]:
        answer = self.answers.get(f"{request.service}.{request.operation}")
        return answer(request) if answer else {}

    def _whoami(self, request: Request) -> dict[str, Any]:
        assumed = request.access_key.startswith("ASIA")
        what = "sts::{}:assumed-role/Reader/leastwise" if assumed else "iam::{}:user/starter"
        return {"Account": request.account, "Arn": "arn:aws:" + what.format(request.account), "UserId": "AIDA"}

    def _assume(self, request: Request) -> dict[str, Any]:
        account = request.parameters["RoleArn"].split(":")[4]
        if account in self.refused or account not in self.accounts:
            arn = f"arn:aws:iam::{request.account}:user/starter"
            message = (
                f"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {request.parameters['RoleArn']}"
            )
            raise Refused("AccessDenied", message, 403)
        with self._lock:
            key = f"ASIA{account}{len(self._keys):04}"
            self._keys[key] = account
        given = {"AccessKeyId": key, "SecretAccessKey": SECRET, "SessionToken": f"token-{SECRET}-{key}",
                 "Expiration": datetime.now(UTC) + self.lifetime}  # fmt: skip
        return {
            "Credentials": given,
            "AssumedRoleUser": {"AssumedRoleId": "AROA:x", "Arn": request.parameters["RoleArn"]},
        }

    def _role(self, request: Request) -> dict[str, Any]:
        name = request.parameters["RoleName"]
        if name != "Reader":
            raise Refused("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
        arn = f"arn:aws:iam::{request.account}:role/Reader"
        return {"Role": {"Path": "/", "RoleName": name, "RoleId": "AROA", "Arn": arn, "CreateDate": datetime.now(UTC)}}

    def _simulate(self, request: Request) -> dict[str, Any]:
        """The simulator: `disallowed` actions are refused, and those of API Gateway on anything but its own ARNs."""
        resources = listed(request, "ResourceArns") or ["*"]
        results = [
            {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision":
                "implicitDeny" if action in self.disallowed
                or (action == "apigateway:GET" and not resource.startswith("arn:aws:apigateway:us-east-1::/"))
                else "allowed"}
            for action in listed(request, "ActionNames") for resource in resources
        ]  # fmt: skip
        answer = paged(request, results, "EvaluationResults", 70, "Marker", "Marker")
        return {**answer, "IsTruncated": "Marker" in answer}

    def _organization(self, request: Request) -> dict[str, Any]:
        if len(self.accounts) < 2:
            raise Refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", 400)
        return {"Organization": {"Id": "o-fake000001", "MasterAccountId": self.accounts[0], "FeatureSet": "ALL"}}

    def _list_accounts(self, request: Request) -> dict[str, Any]:
        every = [{"Id": one, "Status": "ACTIVE", "Name": f"a{one}"} for one in self.accounts]
        return paged(request, every, "Accounts", 5)


def paged(
    request: Request,
    things: Sequence[Any],
    member: str,
    size: int,
    inputs: str = "NextToken",
    outputs: str = "NextToken",
) -> dict[str, Any]:
    """A page of things, with the token of the next."""
    start = int(request.parameters.get(inputs) or 0)
    answer: dict[str, Any] = {member: list(things[start : start + size])}
    if start + size < len(things):
        answer[outputs] = str(start + size)
    return answer


def listed(request: Request, name: str) -> list[str]:
    """A list among the parameters of a service that takes forms (`Name.member.1` and so on)."""
    return [value for key, value in request.parameters.items() if key.startswith(f"{name}.member.")]


def first(count: int, of: Scripted) -> Scripted:
    """A fault for only the first calls that it is for."""
    left = [count]
    lock = threading.Lock()

    def scripted(request: Request) -> Fault | None:
        with lock:
            found = of(request) if left[0] else None
            left[0] -= found is not None
            return found

    return scripted


def on(fault: Fault, share: float = 1.0, **wanted: str) -> Scripted:
    """A fault for calls whose service, operation, region or account is the wanted one; `share` of them by chance."""
    chance = random.Random(7)

    def scripted(request: Request) -> Fault | None:
        hit = all(getattr(request, name) == value for name, value in wanted.items())
        return fault if hit and (share >= 1 or chance.random() < share) else None

    return scripted


def denied(**wanted: str) -> Scripted:
    """Access denied as identity policies do it."""

    def scripted(request: Request) -> Fault | None:
        code = "UnauthorizedOperation" if request.service == "ec2" else "AccessDenied"
        message = f"User: x is not authorized to perform: {request.service}:{request.operation}"
        return on(Fault(code, message, 403), **wanted)(request)

    return scripted


def refused_by_scp(**wanted: str) -> Scripted:
    """Access denied as a service control policy does it."""
    text = "User: x is not authorized to perform this action with an explicit deny in a service control policy"
    return on(Fault("AccessDeniedException", text, 403), **wanted)


THROTTLED = Fault("Throttling", "Rate exceeded", 400)
EXPIRED = Fault("ExpiredToken", "The security token included in the request is expired", 403)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    fake: FakeAws

    def __init__(self, *arguments: Any) -> None:
        self.open: set[Any] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        for one in list(self.open):
            with suppress(OSError):
                one.shutdown(2)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        fake = self.server.fake
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the caller was killed
            self.close_connection = True
            return None
        if self.path == "/_counts":
            told = {"calls": [[*key, count] for key, count in fake.calls.items()], "most": fake.most_in_flight}
            return self._send(200, {}, json.dumps(told).encode())
        with fake._lock:
            fake.in_flight += 1
            fake.most_in_flight = max(fake.most_in_flight, fake.in_flight)
        try:
            start = time.monotonic()
            made = fake.serve(self.command, self.path, self.headers, body)
            if fake.latency:
                time.sleep(max(0.0, fake.latency - (time.monotonic() - start)))
        finally:
            with fake._lock:
                fake.in_flight -= 1
        if isinstance(made, Fault):
            self.close_connection = True
            return None
        return self._send(*made)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(datetime.now(UTC) + self.server.fake.clock, usegmt=True)

    def log_message(self, *_: object) -> None:
        return None


def main() -> None:
    """Serves until it is ended; prints its address first."""
    from .aws_estate import estate

    accounts = [f"{10**11 + one}" for one in range(int(sys.argv[1]))]
    fake = FakeAws(
        estate(users=6, functions=1, buckets=8),
        accounts,
        REGIONS[: int(sys.argv[2])],
        float(sys.argv[3]),
        keep_log=False,
    )
    for service in fake.services:
        model(service)
    fake.start()
    print(fake.url, flush=True)
    threading.Event().wait()
