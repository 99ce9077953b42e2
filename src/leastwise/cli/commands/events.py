"""`leastwise events`."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..options import ExternalIdOption, Format, Home, ProfileOption, listed, moment, spread, workspace
from ..render import emit, printable, progress

if TYPE_CHECKING:
    from leastwise.app.auto_events import Survey
    from leastwise.app.fetching import Wanted
    from leastwise.app.log_reading import Taken
    from leastwise.app.wiring import Workspace

_COLUMNS = {"file": "Set aside", "place": "Place", "why": "Cause"}
_URL = re.compile(r"[a-z][a-z0-9]*://")
_SIGN_IN = (
    "profile", "role", "external_id", "organization", "folders", "projects", "credentials_file", "access_token_env",
    "impersonate", "quota_project", "tenant", "management_groups", "subscriptions",
)  # fmt: skip
_SEVERAL = ("folders", "projects", "impersonate", "management_groups", "subscriptions")
_FROM_WHERE = ("lookup", "queue", "auto")
_SPELT = {"begin": "--from", "end": "--to", "signing": "--sign-in"}
_WHICH = (
    "events: name files or folders of logs or one URL (s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, bq://PROJECT.DATASET, "
    "logging://projects/ID, azblob://ACCOUNT, loganalytics://WORKSPACE, activity://subscriptions/ID, auditlogs://, "
    "activityfeed://), or give one of --lookup, --queue and --auto, or ask with --status what the lake holds"
)


def _text(name: str, help: str) -> Any:
    """An option that stands for nothing unless it is given."""
    return typer.Option(name, help=help, show_default=False)


@dataclass(frozen=True, slots=True)
class Fetch:
    """From where logs are fetched, whose credentials do it, and of which days."""

    lookup: Annotated[
        bool,
        typer.Option(
            "--lookup", help="The vendor's own event history: CloudTrail, Cloud Logging, Activity Log, Graph."
        ),
    ] = False
    queue: Annotated[
        str | None, typer.Option("--queue", help="What this queue of S3 notices announces (URL).", show_default=False)
    ] = None
    follow: Annotated[bool, typer.Option("--follow", help="With --queue: go on until SIGINT or SIGTERM.")] = False
    auto: Annotated[
        str | None,
        typer.Option("--auto", help="Find the logs of that provider, say what reading them costs, and ask.",
                     show_default=False),
    ] = None  # fmt: skip
    yes: Annotated[bool, typer.Option("--yes", help="With --auto: read without asking.")] = False
    begin: Annotated[str | None, _text("--from", "First day; of files the day they were written.")] = None
    end: Annotated[str | None, _text("--to", "Last day.")] = None
    profile: ProfileOption = None
    role: Annotated[
        str | None, _text("--role", "Assume that role (ARN); with --lookup a name means every account.")
    ] = None
    external_id: ExternalIdOption = None
    regions: Annotated[str | None, _text("--regions", "With --lookup: those regions (a,b).")] = None
    organization: Annotated[str | None, _text("--organization", "Google Cloud: of that organization.")] = None
    folders: Annotated[str | None, _text("--folders", "Google Cloud: of those folders (a,b).")] = None
    projects: Annotated[str | None, _text("--projects", "Google Cloud: of those projects (a,b).")] = None
    credentials_file: Annotated[
        str | None, _text("--credentials-file", "Google Cloud: key, federation or gcloud credentials (JSON).")
    ] = None
    access_token_env: Annotated[
        str | None,
        _text("--access-token-env", "Environment variable that holds a token (Google Cloud, Azure, Entra)."),
    ] = None
    impersonate: Annotated[
        str | None, _text("--impersonate", "Google Cloud: become that service account (a,b: a chain).")
    ] = None
    quota_project: Annotated[str | None, _text("--quota-project", "Google Cloud: project that pays for the calls.")] = (
        None
    )
    tenant: Annotated[str | None, _text("--tenant", "Azure, Entra: directory to sign in to.")] = None
    management_groups: Annotated[str | None, _text("--management-groups", "Azure: of those groups (a,b).")] = None
    subscriptions: Annotated[str | None, _text("--subscriptions", "Azure: of those subscriptions (a,b).")] = None
    signing: Annotated[
        str | None, _text("--sign-in", "Azure, Entra: cli, environment, managed_identity, azure_identity.")
    ] = None
    print_policy: Annotated[
        bool, typer.Option("--print-policy", help="Print the least policy that is needed; call nothing.")
    ] = False

    def sign_in(self) -> dict[str, Any]:
        """Keys of a source that say whose credentials to start with, and which trees are meant."""
        given = {name: getattr(self, name) for name in _SIGN_IN}
        found = {name: listed(value) if name in _SEVERAL else value for name, value in given.items()}
        found["sign_in"] = self.signing
        return {name: value for name, value in found.items() if value}

    def given(self) -> list[str]:
        """The options that only fetching knows."""
        names = [one.name for one in fields(self) if one.name not in _FROM_WHERE and getattr(self, one.name)]
        return [_SPELT.get(name, f"--{name.replace('_', '-')}") for name in names]

    def wanted(self, url: str = "") -> Wanted:
        """What is to be fetched. UsageError when options contradict each other."""
        from leastwise.app.fetching import Wanted

        if self.follow and not self.queue:
            raise UsageError("--follow: only a queue can be followed (--queue)")
        if self.yes and self.auto is None:
            raise UsageError("--yes: only --auto asks")
        if self.regions and not self.lookup:
            raise UsageError("--regions: only the event history is asked by region (--lookup)")
        if self.queue and (self.begin or self.end):
            raise UsageError("--from, --to: a queue announces what comes, whatever its day")
        first, last = moment(self.begin, "--from"), moment(self.end, "--to")
        if first and last and last < first:
            raise UsageError(f"--from {self.begin} is after --to {self.end}")
        return Wanted(
            url, self.queue or "", self.lookup, self.auto is not None, _day(first), _day(last),
            tuple(listed(self.regions)), self.sign_in(),
        )  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("events")
    @spread
    def events_command(
        fetch: Fetch,
        home: Home,
        paths: Annotated[
            list[str] | None,
            typer.Argument(help="Files and folders of audit logs, or one URL of where logs lie.", show_default=False),
        ] = None,
        status: Annotated[bool, typer.Option("--status", help="Say what the lake holds.")] = False,
        provider: Annotated[
            str | None, typer.Option(help="Whose logs they are; without it files tell it.", show_default=False)
        ] = None,
        jobs: Annotated[
            int | None, typer.Option("--jobs", min=1, max=64, help="Processes that read files; none: as many as pay.")
        ] = None,
    ) -> None:
        """Take audit logs into the usage lake; each event counts once, what cannot be read is set aside and told."""
        urls = [one for one in paths or () if _URL.match(one)]
        files = [Path(one) for one in paths or () if not _URL.match(one)]
        if sum(map(bool, (status, urls, files, fetch.lookup, fetch.queue, fetch.auto))) != 1 or len(urls) > 1:
            raise UsageError(_WHICH)
        given = fetch.given()
        if (status or files) and given:
            raise UsageError(f"{', '.join(given)}: nothing is fetched")
        place = workspace(home.home, home.database)
        if status:
            _status(place, home.form)
        elif files:
            _take_in(place, files, provider, home.form, jobs)
        else:
            _fetch(place, fetch, "".join(urls), fetch.auto or provider or "aws", home.form)


def _day(time: datetime | None) -> date | None:
    return time.astimezone(UTC).date() if time else None


def _take_in(place: Workspace, paths: list[Path], provider: str | None, form: Format, jobs: int | None) -> None:
    from leastwise.app.events import take_in, take_in_any

    with progress(form) as report:
        said = None if report is None else _reporter(report)
        taken = take_in_any(place, paths, said, jobs) if provider is None else take_in(
            place, paths, provider, said, jobs
        )  # fmt: skip
    _tell(taken, [], form)


def _fetch(place: Workspace, fetch: Fetch, url: str, provider: str, form: Format) -> None:
    from leastwise.app.fetching import fetch_in, fetcher_of, provider_of, signed_in

    provider = provider_of(place, url, provider) if url else provider
    wanted = signed_in(place, fetch.wanted(url), provider)
    if fetch.print_policy:
        print(fetcher_of(place, provider).policy(wanted))
        return
    if fetch.auto is not None:
        _auto(place, wanted, provider, form, fetch.yes)
        return
    if fetch.follow:
        _follow(place, wanted, provider, form)
        return
    with progress(form) as report:
        found = fetch_in(place, wanted, provider, None if report is None else _reporter(report))
    _tell(found.taken, found.notes, form)


def _auto(place: Workspace, wanted: Wanted, provider: str, form: Format, yes: bool) -> None:
    """Say what was found and what reading it costs, ask, and read."""
    from leastwise.app.auto_events import survey, take_found
    from leastwise.app.fetching import fetcher_of

    found, wanted = survey(place, wanted, provider)
    rows = [
        {"place": one.url, "trails": list(one.trails), "records": one.records, "files": one.files, "bytes": one.bytes,
         "exact": one.exact, "requests_usd": round(one.requests, 4), "transfer_usd": round(one.transfer, 4),
         "cause": one.cause}
        for one in found.places
    ]  # fmt: skip
    told = {"from": str(wanted.begin), "to": str(wanted.end), "places": rows, "prices": found.prices}
    if form is Format.TABLE or not yes:
        _tell_places(rows, told, found, form)
    if not yes and not (form is Format.TABLE and sys.stdin.isatty()):
        raise UsageError("--auto: nothing was read, as there is nobody to ask; --yes reads it")
    if not yes and not typer.confirm(
        "Read them?" if rows else f"Ask {fetcher_of(place, provider).fallbacks.history} instead?"
    ):
        return
    with progress(form) as report:
        done = take_found(
            place, found, wanted, provider, None if report is None else _reporter(report),
            lambda text: print(f"leastwise: {text}", file=sys.stderr, flush=True),
        )  # fmt: skip
    more = {"survey": told, "read": done.places, "lookup": done.lookup, "asked": done.asked}
    _tell(done.taken, done.notes, form, more)


def _tell_places(rows: list[dict[str, Any]], told: dict[str, Any], found: Survey, form: Format) -> None:
    shown = [
        row | {"files": f"{'' if row['exact'] else 'about '}{row['files']:,}", "bytes": f"{row['bytes'] / 2**20:,.1f}",
               "requests_usd": f"{row['requests_usd']:.2f}", "transfer_usd": f"{row['transfer_usd']:.2f}"}
        for row in rows
    ]  # fmt: skip
    paid = f" Transfer is paid {found.paid} only." if found.paid else ""
    lines = [f"Files written from {told['from']} to {told['to']}; {told['prices']}.{paid}"]
    lines += [f"Note: {note}." for note in found.notes]
    emit(form, {**told, "notes": list(found.notes)}, shown if form is Format.TABLE else rows, {
        "place": "Place", "trails": "Trails", "records": "Records", "files": "Files", "bytes": "MiB",
        "requests_usd": "Requests USD", "transfer_usd": "Transfer USD", "cause": "Cannot be read",
    }, "\n".join(lines), tuple(rows[0]) if rows else ("place",))  # fmt: skip


def _follow(place: Workspace, wanted: Wanted, provider: str, form: Format) -> None:
    """What each round could not take is told at once; what was taken, at the end."""
    from leastwise.app.fetching import Fetched
    from leastwise.app.following import follow

    from ..stopping import stopping

    def told(round: Fetched) -> None:
        for file, where, why in round.taken.set_aside:
            print(printable(f"leastwise: set aside: {file} {where} {why}"), file=sys.stderr, flush=True)
        for note in round.notes:
            print(printable(f"leastwise: {note}"), file=sys.stderr, flush=True)

    with stopping() as stop, progress(form) as report:
        taken = follow(place, wanted, stop, told, provider, None if report is None else _reporter(report))
    _tell(taken, [], form)


def _tell(taken: Taken, notes: list[str], form: Format, more: dict[str, Any] | None = None) -> None:
    rows = [{"file": file, "place": place, "why": why} for file, place, why in taken.set_aside]
    summary = {
        "files": {
            "found": taken.files, "known": taken.known, "skipped": taken.skipped, "failed": taken.failed,
        },
        "events": {
            "read": taken.events, "new": taken.new, "duplicates": taken.duplicates, "bad": taken.bad,
            "future": taken.future, "furthest": taken.furthest.isoformat() if taken.furthest else None,
        },
    }  # fmt: skip
    said = "\n".join([_said(taken), *(f"Note: {note}." for note in notes)])
    if form is Format.TABLE and not rows:
        print("\n".join(printable(line) for line in said.split("\n")))
        return
    emit(form, {"taken": summary, "notes": notes, "items": rows, **(more or {})}, rows, _COLUMNS, said, tuple(_COLUMNS))


def _said(taken: Taken) -> str:
    fresh = taken.files - taken.known - taken.skipped - taken.failed
    parts = [f"{fresh} of {taken.files} files taken in"]
    parts += [
        f"{count} {what}"
        for count, what in ((taken.known, "known"), (taken.skipped, "without events"), (taken.failed, "set aside"))
        if count
    ]
    text = ", ".join(parts) + f"; {taken.new} new events, {taken.duplicates} known"
    if taken.bad:
        text += f", {taken.bad} records set aside"
    text += "."
    if taken.furthest is not None:
        text += (
            f"\n{taken.future} events are of the future, up to {taken.furthest.isoformat()[:16]}Z: "
            "a clock is wrong, here or where they were made."
        )
    return text


def _reporter(report: Any) -> Any:
    """The progress line: rate and time left."""
    from time import monotonic

    begun = monotonic()

    def step(taken: Taken, done: int, total: int) -> None:
        spent = max(monotonic() - begun, 1e-3)
        left = spent * (total - done) / done if done else 0.0
        report(f"{taken.events} events, {taken.events / spent:.0f} a second, {left:.0f} s left", done, total)

    return step


def _status(place: Workspace, form: Format) -> None:
    from leastwise.app.events_status import status

    found = status(place)
    columns = {
        "provider": "Provider", "account": "Account", "log": "Log", "events": "Events", "first": "First",
        "last": "Last",
    }  # fmt: skip
    lines = [f"{found['files']['taken']} files, {found['files']['set_aside']} with records set aside or unreadable."]
    lines += [f"Set aside: {one['file']} {one['place']} {one['why']}".rstrip() for one in found["set_aside"][:10]]
    lines += [
        f"No compiled code here: logs of {name} are read slower." for name, is_ in found["compiled"].items() if not is_
    ]
    if found["unresolved"]:
        names = ", ".join(f"{one['source']} {one['name']} ({one['events']})" for one in found["unresolved"][:10])
        lines.append(f"{len(found['unresolved'])} names are in no table, their permissions unknown: {names}")
    emit(form, found, found["items"], columns, "\n".join(lines), tuple(columns))
