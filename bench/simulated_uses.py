"""Who would use what in a company of our own making: principals with jobs, teams, habits, drift; drawn by a seed.

No log of many principals over months is public, so that recommendations for the future are measured here. The
vocabulary is the vendor's: the catalogue's actions, grouped by the type of resource that they take. Work comes in
*tasks*, each a few actions that are nearly always called and a tail that seldom is. Everybody has a job, whose tasks
he does by his team's habits and his own; people learn tasks, help out, join and leave, and some tasks come once a
month. Nothing here knows the model that is measured, nor does the model know of tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from leastwise.providers.aws import catalog

SERVICES = (
    "s3", "ec2", "iam", "lambda", "dynamodb", "rds", "sqs", "sns", "kms", "logs", "cloudwatch", "ecs", "ecr", "eks",
    "cloudformation", "ssm", "secretsmanager", "route53", "apigateway", "autoscaling", "elasticloadbalancing",
    "cloudtrail", "config", "athena", "glue", "redshift", "kinesis", "firehose", "states", "events", "batch",
    "sagemaker", "codebuild", "codepipeline", "codecommit", "elasticache", "es", "cloudfront", "acm", "wafv2",
    "guardduty", "securityhub", "organizations", "backup", "elasticmapreduce", "transfer", "cognito-idp", "ses",
    "xray", "elasticfilesystem",
)  # fmt: skip
_EVERYBODYS = ("s3", "logs", "cloudwatch", "iam", "kms", "ec2")
_HUMAN, _WORKLOAD = 8, 4
_JOBS = _HUMAN + _WORKLOAD
_TEAM = 10
"""So many of one job are a team, more or less."""
_WEEK, _MONTH = 7, 30
_BRANCH = 0.1

Counts = npt.NDArray[np.int64]
Random = np.random.Generator


@dataclass(frozen=True)
class Task:
    """Actions by number, each with the chance that one run calls it."""

    actions: Counts
    chances: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Simulated:
    """What was done.

    Args:
        permissions: their names; numbers stand for these.
        days: how many calls there were, by principal, permission and day: columns of a table.
        granted: what each principal was granted, whatever it used: all of each service that its job has to do with.
        jobs: of each principal.
        teams: of each principal; a team has one job.
    """

    permissions: tuple[str, ...]
    principal: Counts
    permission: Counts
    day: Counts
    calls: Counts
    granted: npt.NDArray[np.bool_]
    jobs: Counts
    teams: Counts

    def used(self, begin: int, end: int) -> Counts:
        """How often each principal called each permission from one day to before another."""
        found = np.zeros(self.granted.shape, np.int64)
        inside = (self.day >= begin) & (self.day < end)
        np.add.at(found, (self.principal[inside], self.permission[inside]), self.calls[inside])
        return found


@dataclass(frozen=True)
class Job:
    """What a job has to do with: tasks and how often they come, those that come once a month, and its services."""

    tasks: Counts
    weights: npt.NDArray[np.float64]
    monthly: Counts
    services: frozenset[str]
    human: bool


@cache
def _vocabulary() -> tuple[tuple[str, ...], tuple[tuple[tuple[int, ...], ...], ...], tuple[tuple[int, ...], ...]]:
    """Permissions; by service the numbers of actions of each type of resource; by action those that it depends on."""
    names: list[str] = []
    types: list[dict[str, list[int]]] = []
    for prefix in SERVICES:
        service = catalog.service(prefix)
        assert service is not None, prefix
        found: dict[str, list[int]] = {}
        for name in service.action_names:
            action = service.action(name)
            assert action is not None
            takes = next((one.type for one in action.resource_types if one.required), "")
            takes = takes or next((one.type for one in action.resource_types), "")
            found.setdefault(takes, []).append(len(names))
            names.append(f"{prefix}:{name}")
        types.append(found)
    numbers = {name: number for number, name in enumerate(names)}
    needed = []
    for name in names:
        action = catalog.action(name)
        assert action is not None
        needed.append(tuple(numbers[one] for one in action.dependent if one in numbers))
    return tuple(names), tuple(tuple(map(tuple, one.values())) for one in types), tuple(needed)


def simulated(seed: int, principals: int = 500, days: int = 120) -> Simulated:
    """The days of a company. The same for the same arguments."""
    random = np.random.default_rng([20261123, seed])
    names, types, needed = _vocabulary()
    tasks, of_service = _tasks(random, types, needed)
    jobs = [_job(random, of_service, number < _HUMAN) for number in range(_JOBS)]
    sizes = random.dirichlet(np.full(_JOBS, 4.0))
    job = np.sort(random.choice(_JOBS, principals, p=sizes))
    team = job * 1000 + random.integers(0, np.maximum(np.bincount(job, minlength=_JOBS) // _TEAM, 1)[job])
    habits = {int(one): random.gamma(0.6, 1.0, len(jobs[one // 1000].tasks)) for one in np.unique(team)}
    rows: list[Counts] = []
    for principal in range(principals):
        mine = jobs[job[principal]]
        rows.append(_days(random, principal, mine, jobs, tasks, habits[int(team[principal])], days))
    table = np.vstack(rows)
    key, place = np.unique(table[:, :3], axis=0, return_inverse=True)
    calls = np.bincount(place.ravel(), weights=table[:, 3]).astype(np.int64)
    prefix = np.array([name.partition(":")[0] for name in names])
    granted = np.array([np.isin(prefix, sorted(one.services)) for one in jobs])[job]
    # What was called was granted.
    touched = np.zeros((principals, len(SERVICES)), bool)
    service = np.searchsorted(np.sort(SERVICES), prefix)
    touched[key[:, 0], service[key[:, 1]]] = True
    return Simulated(names, key[:, 0], key[:, 1], key[:, 2], calls, granted | touched[:, service], job, team)


def _tasks(
    random: Random, types: tuple[tuple[tuple[int, ...], ...], ...], needed: tuple[tuple[int, ...], ...]
) -> tuple[list[Task], list[list[int]]]:
    """All tasks there are, and which are of which service."""
    tasks: list[Task] = []
    of_service: list[list[int]] = []
    for service in types:
        every = np.array([number for one in service for number in one])
        # Some actions are called by everybody who has to do with the service, most by few.
        fame = dict(zip(every.tolist(), random.pareto(1.1, len(every)) + 0.05, strict=True))
        mine: list[int] = []
        for one in service:
            for _ in range(min(4, 1 + len(one) // 6)):
                mine.append(len(tasks))
                tasks.append(_task(random, np.array(one), every, fame, needed))
        of_service.append(mine)
    return tasks, of_service


def _task(
    random: Random, own: Counts, every: Counts, fame: dict[int, float], needed: tuple[tuple[int, ...], ...]
) -> Task:
    """A task about one type of resource, with some actions of the service besides."""
    found = [*_drawn(random, own, fame, 2 + random.geometric(0.2)), *_drawn(random, every, fame, random.poisson(1.5))]
    found += [other for one in found for other in needed[one] if random.random() < 0.5]
    actions = np.unique(np.array(found))
    random.shuffle(actions)
    core = max(1, round(0.4 * len(actions)))
    chances = np.r_[random.uniform(0.5, 1.0, core), random.beta(0.6, 3.0, len(actions) - core)]
    return Task(actions, chances)


def _drawn(random: Random, some: Counts, fame: dict[int, float], most: int) -> list[int]:
    weights = np.array([fame[one] for one in some.tolist()])
    count = min(len(some), int(most))
    found: list[int] = random.choice(some, count, replace=False, p=weights / weights.sum()).tolist()
    return found


def _job(random: Random, of_service: list[list[int]], human: bool) -> Job:
    own = random.choice(len(SERVICES), random.integers(7, 12) if human else random.integers(4, 7), replace=False)
    common = random.choice(_EVERYBODYS, 6 if human else 3, replace=False)
    services = sorted({*own.tolist(), *(SERVICES.index(one) for one in common)})
    offered = np.array([task for one in services for task in of_service[one]])
    count = min(len(offered), int(random.integers(24, 40) if human else random.integers(8, 16)))
    tasks = random.choice(offered, count, replace=False)
    weights = 1.0 / np.arange(1, count + 1) ** 0.8
    monthly = random.choice(offered, 2, replace=False)
    return Job(tasks, weights / weights.sum(), monthly, frozenset(SERVICES[one] for one in services), human)


def _days(
    random: Random, principal: int, job: Job, jobs: list[Job], tasks: list[Task],
    habits: npt.NDArray[np.float64], days: int,
) -> Counts:  # fmt: skip
    """Rows of one principal: principal, permission, day, calls."""
    weights = job.weights * habits * (random.gamma(1.0, 1.0, len(job.tasks)) if job.human else 1.0)
    repertoire = list(job.tasks)
    chance = list(weights / weights.sum())
    first = int(random.integers(20, days - 10)) if random.random() < 0.08 else 0
    last = int(random.integers(20, days - 10)) if random.random() < 0.08 else days
    busy = random.gamma(4.0, 3.0) if job.human else random.gamma(6.0, 4.0)
    rows: list[Counts] = [np.zeros((0, 4), np.int64)]
    for day in range(first, max(first, last)):
        if random.random() < (0.0025 if job.human else 0.001):
            repertoire.append(_learned(random, job, jobs, len(tasks)))
            chance.append(random.gamma(1.0, 0.05))
        if random.random() >= ((0.75 if day % _WEEK < 5 else 0.05) if job.human else 0.97):
            continue
        share = np.array(chance) / sum(chance)
        runs = list(random.choice(repertoire, max(1, random.poisson(busy)), p=share))
        if job.human and random.random() < 0.0025:
            runs.append(_learned(random, job, jobs, len(tasks)))
        if day % _MONTH == 2:
            runs += list(job.monthly)
        for task in runs:
            done = tasks[task]
            # A program has no branches that it hardly ever takes.
            chances = done.chances if job.human else np.where(done.chances < _BRANCH, 0.0, done.chances)
            called = done.actions[random.random(len(chances)) < chances]
            one = np.empty((len(called), 4), np.int64)
            one[:, 0], one[:, 1], one[:, 2], one[:, 3] = principal, called, day, 1
            rows.append(one)
    return np.vstack(rows)


def _learned(random: Random, job: Job, jobs: list[Job], every: int) -> int:
    """A task that somebody takes up: mostly one of his job."""
    luck = random.random()
    if luck < 0.7:
        return int(random.choice(job.tasks))
    if luck < 0.9:
        return int(random.choice(jobs[int(random.integers(len(jobs)))].tasks))
    return int(random.integers(every))
