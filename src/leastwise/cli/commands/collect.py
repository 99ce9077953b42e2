"""`leastwise collect` and `leastwise doctor`."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import LeastwiseError, UsageError

from ..options import (
    DatabaseOption,
    ExternalIdOption,
    Format,
    FormatOption,
    Home,
    HomeOption,
    ProfileOption,
    listed,
    spread,
    workspace,
)
from ..render import collecting, emit, emit_json, emit_table

if TYPE_CHECKING:
    from leastwise.app.wiring import Workspace

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_COLUMNS = {
    "scope": "Scope", "snapshot": "Snapshot", "state": "State", "principals": "Principals", "policies": "Policies",
    "resources": "Resources", "gaps": "Gaps", "cause": "Cause",
}  # fmt: skip

_MADE = (
    "scope", "snapshot", "time", "state", "new", "principals", "policies", "resources", "gaps", "cause",
)  # fmt: skip
_CHECKS = {"provider": "Provider", "source": "Source", "check": "Check", "status": "Status", "detail": "Detail"}
_UNKNOWN = {"question": "Will be UNKNOWN", "because": "For want of", "where": "Where"}
_NAMED = 5

Only = Annotated[
    str | None, typer.Option(help="Only that account, or that user, role or group (ARN).", show_default=False)
]
Services = Annotated[str | None, typer.Option(help="Only those services (a,b).", show_default=False)]
Tenant = Annotated[str | None, typer.Option(help="Directory to sign in to (id or domain).", show_default=False)]
SignIn = Annotated[
    str | None, typer.Option(help="cli, environment, managed_identity, azure_identity.", show_default=False)
]
TokenVariable = Annotated[str | None, typer.Option(help="Environment variable that holds a token.", show_default=False)]
ClientId = Annotated[str | None, typer.Option(help="Which identity of the machine.", show_default=False)]
Cloud = Annotated[str | None, typer.Option(help="public, usgov or china.", show_default=False)]
InFlight = Annotated[int | None, typer.Option(help="Calls made at once; default 10.", show_default=False)]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Whether an old collection goes on, a new one is repeated, or nothing is called."""

    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an interrupted collection stopped.")
    ] = False  # fmt: skip
    every: Annotated[str | None, typer.Option("--every", help="Repeat, as in 4h, 30m or 1d.", show_default=False)] = (
        None
    )
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be called, and how often the last time; call nothing.")
    ] = False


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Read clouds over their APIs into new snapshots, read-only.", invoke_without_command=True)
    app.add_typer(group, name="collect")
    _everything(group)
    _aws(group)
    _gcp(group)
    _azure(group)
    _entra(group)
    _doctor(app)


def _everything(group: typer.Typer) -> None:
    @group.callback()
    @spread
    def collect(
        *,
        context: typer.Context,
        only: Only = None,
        rounds: Rounds,
        home: Home,
    ) -> None:
        """Collect every source of estate.yaml, or one provider."""
        if context.invoked_subcommand is None:
            _run(workspace(home.home, home.database), None, {}, home.form, only, rounds)


def _aws(group: typer.Typer) -> None:
    @group.command()
    @spread
    def aws(
        *,
        profile: ProfileOption = None,
        profiles: Annotated[
            str | None, typer.Option(help="Visit the account of each profile (a,b).", show_default=False)
        ] = None,
        sso: Annotated[bool, typer.Option("--sso", help="Visit every account of the Identity Center session.")] = False,
        role: Annotated[str | None, typer.Option(help="Assume that role in every account.", show_default=False)] = None,
        external_id: ExternalIdOption = None,
        mfa_serial: Annotated[
            str | None, typer.Option(help="Ask for a code of that device.", show_default=False)
        ] = None,
        organization: Annotated[
            bool, typer.Option("--organization", help="Visit every account of the organization.")
        ] = False,
        accounts: Annotated[str | None, typer.Option(help="Only those accounts (a,b).", show_default=False)] = None,
        regions: Annotated[
            str | None, typer.Option(help="Those regions (a,b); default: all enabled.", show_default=False)
        ] = None,
        services: Services = None,
        access_advisor: Annotated[
            bool,
            typer.Option("--access-advisor", help="Ask IAM when each user, group and role last tried what, too."),
        ] = False,
        in_flight: InFlight = None,
        print_policy: Annotated[
            bool, typer.Option("--print-policy", help="Print the least policy that is needed; call nothing.")
        ] = False,
        only: Only = None,
        rounds: Rounds,
        home: Home,
    ) -> None:
        """Collect AWS: this account, an organization, or the accounts of a session or of profiles."""
        given: dict[str, Any] = {
            "profile": profile, "profiles": listed(profiles), "sso": sso, "role": role, "external_id": external_id,
            "mfa_serial": mfa_serial, "organization": organization, "accounts": listed(accounts),
            "regions": listed(regions), "services": listed(services), "in_flight": in_flight,
            "access_advisor": access_advisor,
        }  # fmt: skip
        _one("aws", _keys(given), only, rounds, home, print_policy)


def _gcp(group: typer.Typer) -> None:
    @group.command()
    @spread
    def gcp(
        *,
        organization: Annotated[
            str | None, typer.Option(help="Read that organization (number); default: all seen.", show_default=False)
        ] = None,
        folders: Annotated[str | None, typer.Option(help="Read those folders (a,b).", show_default=False)] = None,
        projects: Annotated[str | None, typer.Option(help="Read those projects (a,b).", show_default=False)] = None,
        credentials_file: Annotated[
            str | None, typer.Option(help="Key, federation or gcloud credentials (JSON).", show_default=False)
        ] = None,
        access_token_env: TokenVariable = None,
        impersonate: Annotated[
            str | None, typer.Option(help="Become that service account (a,b: a chain).", show_default=False)
        ] = None,
        admin: Annotated[
            str | None, typer.Option(help="Read the directory on behalf of that user.", show_default=False)
        ] = None,
        quota_project: Annotated[
            str | None, typer.Option(help="Project that pays for the calls.", show_default=False)
        ] = None,
        services: Services = None,
        in_flight: InFlight = None,
        print_policy: Annotated[
            bool, typer.Option("--print-policy", help="Print the least role that is needed; call nothing.")
        ] = False,
        only: Annotated[
            str | None, typer.Option(help="Only that organization, folder or project.", show_default=False)
        ] = None,
        rounds: Rounds,
        home: Home,
    ) -> None:
        """Collect Google Cloud: organizations, folders or projects, and the directory of their people."""
        given: dict[str, Any] = {
            "organization": organization, "folders": listed(folders), "projects": listed(projects),
            "credentials_file": credentials_file, "access_token_env": access_token_env,
            "impersonate": listed(impersonate), "admin": admin, "quota_project": quota_project,
            "services": listed(services), "in_flight": in_flight,
        }  # fmt: skip
        _one("gcp", _keys(given), only, rounds, home, print_policy)


def _azure(group: typer.Typer) -> None:
    @group.command()
    @spread
    def azure(
        *,
        tenant: Tenant = None,
        management_groups: Annotated[
            str | None, typer.Option(help="Read those management groups (a,b); default: all seen.", show_default=False)
        ] = None,
        subscriptions: Annotated[
            str | None, typer.Option(help="Read those subscriptions (a,b).", show_default=False)
        ] = None,
        sign_in: SignIn = None,
        access_token_env: TokenVariable = None,
        graph_token_env: Annotated[
            str | None, typer.Option(help="The same for Microsoft Graph.", show_default=False)
        ] = None,
        client_id: ClientId = None,
        cloud: Cloud = None,
        no_directory: Annotated[
            bool, typer.Option("--no-directory", help="Leave users, groups and service principals out.")
        ] = False,
        services: Services = None,
        in_flight: InFlight = None,
        print_policy: Annotated[
            bool, typer.Option("--print-policy", help="Print the least role that is needed; call nothing.")
        ] = False,
        only: Annotated[str | None, typer.Option(help="Only that subscription (or tree).", show_default=False)] = None,
        rounds: Rounds,
        home: Home,
    ) -> None:
        """Collect Azure: a tenant, management groups or subscriptions, and the directory of their people."""
        given: dict[str, Any] = {
            "tenant": tenant, "management_groups": listed(management_groups),
            "subscriptions": listed(subscriptions), "sign_in": sign_in, "access_token_env": access_token_env,
            "graph_token_env": graph_token_env, "client_id": client_id, "cloud": cloud,
            "services": listed(services), "in_flight": in_flight,
        }  # fmt: skip
        left_out = {"directory": False} if no_directory else {}
        _one("azure", _keys(given) | left_out, only, rounds, home, print_policy)


def _entra(group: typer.Typer) -> None:
    @group.command()
    @spread
    def entra(
        *,
        tenant: Tenant = None,
        sign_in: SignIn = None,
        access_token_env: TokenVariable = None,
        client_id: ClientId = None,
        cloud: Cloud = None,
        services: Services = None,
        in_flight: InFlight = None,
        print_policy: Annotated[
            bool, typer.Option("--print-policy", help="Print the least permissions of Graph; call nothing.")
        ] = False,
        only: Annotated[
            str | None,
            typer.Option(help="Only that service, as `roles`; the rest stays as it is.", show_default=False),
        ] = None,
        rounds: Rounds,
        home: Home,
    ) -> None:
        """Collect Entra ID: people, groups, applications, roles, policies of the directory that is signed in to."""
        given: dict[str, Any] = {
            "tenant": tenant, "sign_in": sign_in, "access_token_env": access_token_env, "client_id": client_id,
            "cloud": cloud, "services": listed(services), "in_flight": in_flight,
        }  # fmt: skip
        _one("entra", _keys(given), only, rounds, home, print_policy)


def _keys(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of a source: the options that were given."""
    return {name: value for name, value in given.items() if value}


def _one(
    provider: str, keys: Mapping[str, Any], only: str | None, rounds: Rounds, home: Home, print_policy: bool
) -> None:  # fmt: skip
    """Collect one provider, or only print what that needs."""
    from leastwise.app.collecting import policy, sources

    place = workspace(home.home, home.database)
    if not print_policy:
        _run(place, provider, keys, home.form, only, rounds)
        return
    for source in sources(place, provider, keys):
        print(policy(place, source))


def _run(
    place: Workspace, provider: str | None, keys: Mapping[str, Any], form: Format, only: str | None, rounds: Rounds
) -> None:  # fmt: skip
    from leastwise.app.collecting import sources

    wanted = sources(place, provider, keys)
    pause, resume = _seconds(rounds.every), rounds.resume
    if rounds.dry_run:
        _say_what_would_be_called(place, wanted, form)
        return
    while True:
        start = time.monotonic()
        try:
            code = _once(place, wanted, form, only, resume)
        except LeastwiseError as error:
            if pause is None:
                raise
            # What repeats outlives a network that is away for an hour.
            print(f"leastwise: {error}", file=sys.stderr)
            code = 0
        if pause is None:
            raise typer.Exit(code)
        # Each round asks anew: what an old one could not answer must not freeze what the next would.
        resume = False
        time.sleep(max(0.0, pause - (time.monotonic() - start)))


def _say_what_would_be_called(place: Workspace, wanted: Sequence[Mapping[str, Any]], form: Format) -> None:
    from leastwise.app.collecting import answers_before, plan

    before, planned = answers_before(place), plan(place, wanted)
    rows = [
        {"service": one.service, "call": one.call, "regions": one.regions, "each": one.each,
         "before": before.get((one.service, one.call)), "permissions": list(one.permissions),
         "affects": list(one.affects)}
        for one in planned
    ]  # fmt: skip
    total = sum(before[call] for call in {(one.service, one.call) for one in planned})
    told = f", {total:,} calls the last time" if total else ""
    emit(form, {"items": rows}, rows, {
        "service": "Service", "call": "Call", "regions": "Regions", "each": "For each", "before": "Last time",
        "permissions": "Permission",
    }, f"{len(rows)} kinds of calls{told}; nothing was called.",
        ("service", "call", "regions", "each", "before", "permissions", "affects"))  # fmt: skip


def _once(place: Workspace, wanted: Sequence[Mapping[str, Any]], form: Format, only: str | None, resume: bool) -> int:
    """One collection; 2 when nothing at all could be collected."""
    from leastwise.app.collecting import Failed, collect

    rows: list[dict[str, Any]] = []
    failed = []
    with collecting(form) as report:
        for one in collect(place, wanted, resume, only, report):
            if isinstance(one, Failed):
                failed.append(one)
                rows.append({"scope": one.provider, "state": "failed", "cause": one.cause})
                continue
            manifest = one.manifest
            rows.append(
                {"scope": manifest.scope.key, "snapshot": manifest.id, "time": manifest.time.isoformat(),
                 "state": str(manifest.state), "new": one.new, "principals": one.rows.get("principals", 0),
                 "policies": one.rows.get("policies", 0), "resources": one.rows.get("resources", 0),
                 "gaps": one.gaps, "cause": manifest.reason}
            )  # fmt: skip
    if failed and len(failed) == len(rows):
        for one in failed[1:]:
            print(f"leastwise: {one.cause}", file=sys.stderr)
        raise LeastwiseError(failed[0].cause)
    if only and not rows and not resume:
        raise UsageError(f"--only: no source has an account {only}")
    footer = "What was not answered: leastwise coverage --gaps"
    emit(form, {"items": rows}, rows, _COLUMNS, footer, _MADE)
    return 0


def _doctor(app: typer.Typer) -> None:
    @app.command()
    def doctor(
        provider: Annotated[str | None, typer.Argument(help="Only that provider.", show_default=False)] = None,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Say per source what is installed, signed in, permitted and reachable, and what will be UNKNOWN."""
        from leastwise.app.collecting import doctor as examine

        checks: list[dict[str, Any]] = []
        unknown: list[dict[str, Any]] = []
        for found in examine(workspace(home, database), provider):
            about = {"provider": found.provider, "source": found.source or None}
            checks += [
                {**about, "check": one.check, "status": one.status, "detail": one.detail}
                for one in found.diagnosis.checks
            ]
            unknown += [
                {**about, "question": one.question, "want": str(one.want), "of": list(one.of),
                 "because": one.because, "where": list(one.where)}
                for one in found.diagnosis.unknown
            ]  # fmt: skip
        if form is Format.JSON:
            emit_json({"items": checks, "unknown": unknown})
        elif form is Format.CSV:
            asked = [
                {**row, "check": row["question"], "status": "unknown", "detail": row["because"]} for row in unknown
            ]
            emit(form, {}, [*checks, *asked], _CHECKS, "", tuple(_CHECKS))
        else:
            emit_table(checks, _CHECKS)
            if unknown:
                emit_table(_by_cause(unknown), _UNKNOWN)
            else:
                print("Nothing is missing: no question will be UNKNOWN for want of collection.")


def _by_cause(unknown: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row a cause: what locks a whole account would fill pages."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in unknown:
        row = {"because": one["because"], "where": one["where"][:_NAMED], "question": []}
        if len(one["where"]) > _NAMED:
            row["where"].append(f"and {len(one['where']) - _NAMED} more")
        cause = (one["provider"], str(one["source"]), one["because"], *one["where"])
        rows.setdefault(cause, row)["question"].append(one["question"])
    return list(rows.values())


def _seconds(every: str | None) -> float | None:
    if every is None:
        return None
    match = re.fullmatch(r"(\d+)([smhd])", every)
    if match is None or not int(match[1]):
        raise UsageError(f"--every: {every!r} is no time, as in 30m, 4h or 1d")
    return float(int(match[1]) * _UNITS[match[2]])
