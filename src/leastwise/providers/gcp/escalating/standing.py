"""What stands in an estate that escalation rules ask of: identities as resources, agents, pools, clusters, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from leastwise.model.decision import RANK, State

from ..compiled.gaps import policies_told
from ..language.members import Kind, parse_member
from ..translate.members import project_of
from .constraints import Constraints, opposite
from .granting import Grant
from .names import HOLDER, named, shadow

if TYPE_CHECKING:
    from .shading import Shading

Pairs = dict[str, list[tuple[str, str]]]
_ACCOUNT, _CLUSTER, _BUCKET = "iam:serviceaccount", "container:cluster", "storage:bucket"
_KEYS = ("iam.disableServiceAccountKeyCreation", "iam.managed.disableServiceAccountKeyCreation")
_UPLOADS = ("iam.disableServiceAccountKeyUpload", "iam.managed.disableServiceAccountKeyUpload")
_API_KEYS = ("iam.managed.disableServiceAccountApiKeyCreation",)
_HMAC = ("storage.restrictAuthTypes",)
_ACROSS = ("iam.disableCrossProjectServiceAccountUsage",)
_OS_LOGIN = ("compute.requireOsLogin", "compute.managed.requireOsLogin")
_POOLED = (Kind.SUBJECT, Kind.POOL, Kind.POOL_GROUP, Kind.POOL_ATTRIBUTE)
_BEHIND = {"through": "may delegate to", "id-token": "has an ID token of", "hmac": "has an HMAC key of"}
"""Ways to act as a service account that are not the whole of it: each has a shadow.

https://cloud.google.com/iam/docs/create-short-lived-credentials-direct, https://cloud.google.com/storage/docs/authentication/hmackeys
"""
_AGENTS = {
    "cloud services": "{number}@cloudservices.gserviceaccount.com",
    "build": "{number}@cloudbuild.gserviceaccount.com",
}
"""Service accounts as which Google does what somebody tells it to, without asking whether he may act as them.

https://cloud.google.com/iam/docs/service-account-types#google-managed
"""
_SOURCES = re.compile(r"(?:gcf-sources|gcf-v2-sources)-(\d+)-[a-z0-9-]+")
"""Buckets from which functions of a project are built. https://cloud.google.com/functions/docs/building"""
_SAID = {"yes": State.ALLOWED, "no": State.DENIED, "unset": State.DENIED}
_COMPOSER = "goog-composer-environment"
"""The label of a bucket that says whose workflows it holds.

https://cloud.google.com/composer/docs/composer-2/cloud-storage
"""


class Standing:
    """The facts of an estate.

    Args:
        shading: the estate.
    """

    def __init__(self, shading: Shading) -> None:
        self._shading, self._trees = shading, shading.trees
        self._anybodies: dict[str, tuple[str, str]] = {}
        self._add_accounts()
        self.acting = {word: self._behind(word, told) for word, told in _BEHIND.items()}

    def _behind(self, word: str, told: str) -> dict[str, str]:
        """For each service account who acts as it in one way alone."""
        found = {id: shadow(word, id) for id in self._resource_of}
        self._shading.others.update((one, f"whoever {told} {id}") for id, one in found.items())
        return found

    def _rows(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Rows of the trees that speak for their accounts; `columns` begin with the account."""
        for number, granting in enumerate(self._shading.granting):
            yield from (row for row in granting.rows(table, *columns) if self._trees.speaks(number, row[0]))

    # --- identities

    @cached_property
    def _principals(self) -> dict[str, tuple[str, str, bool | None]]:
        """Account, noun and whether enabled, of everybody; what the newest tree says."""
        found = {}
        for granting in self._shading.granting:
            for id, account, native, enabled in granting.rows("principals", "id", "account", "native", "enabled"):
                found[id] = (account, native, enabled)
        return found

    @cached_property
    def _resource_of(self) -> dict[str, str]:
        """The resource that each service account is."""
        found = {}
        for _, id, kind, principal in self._rows("resources", "account", "id", "kind", "principal"):
            if kind == _ACCOUNT:
                mail = id.rpartition("/")[2]
                who = principal or (f"serviceAccount:{mail}" if "@" in mail else "")
                if who:
                    found[who] = id
        return found

    def _add_accounts(self) -> None:
        """A resource for each service account of a project that is known by its name alone."""
        known = set(self._resource_of)
        for id, (_, native, _) in self._principals.items():
            project = project_of(id.removeprefix("serviceAccount:")) if native == "service_account" else ""
            project = self._trees.projects.id(project) or project
            if id in known or project not in self._trees.containers:
                continue
            number = self._trees.owner[project]
            name = f"//iam.googleapis.com/projects/{project}/serviceAccounts/{id.removeprefix('serviceAccount:')}"
            self._shading.granting[number].add(
                "resources", id=name, account=project, kind=_ACCOUNT, name=name.rpartition("/")[2], principal=id,
                policy_known=policies_told(self._trees, number, project),
            )  # fmt: skip
            self._resource_of[id] = name

    # --- what leads to whom

    def pairs(self) -> Pairs:
        """Things and whom they lead to, by kind."""
        found: Pairs = {
            "delegation": [],
            "delegation here": [],
            "person": [],
            "pool": [],
            "workforce": [],
            "kubernetes": [],
        }
        for word, acting in self.acting.items():
            found[word] = [(self._resource_of[id], one) for id, one in acting.items()]
        found |= {kind: list(self._agents(form)) for kind, form in _AGENTS.items()}
        found["feeding"] = sorted(self._feeding)
        for granting in self._shading.granting:
            for subject, object, kind in granting.rows("runs_as", "subject", "object", "kind"):
                if kind == "acts_for_domain" and subject in self._resource_of:
                    found["delegation"].append((self._resource_of[subject], object))
                if kind == "acts_for_domain_here" and subject in self._resource_of:
                    found["delegation here"].append((self._resource_of[subject], self._anybody(object)))
        for domain, (thing, _) in self._anybodies.items():
            found["person"] += [(thing, id) for id in self._people_of(domain)]
        for id, (account, _, _) in self._principals.items():
            for kind, thing in self._pooled(id, account):
                found[kind].append((thing, id))
        return found

    def _anybody(self, domain: str) -> str:
        """Whoever may act as anybody of a domain, and so can be each of its people."""
        if domain not in self._anybodies:
            who = self._shading.somebody("anybody", domain, f"whoever may act as anybody of {domain}")
            self._anybodies[domain] = (self._shading.hold([Grant(HOLDER, (who,))], ""), who)
        return self._anybodies[domain][1]

    def _people_of(self, domain: str) -> Iterator[str]:
        end = f"@{domain.partition(':')[2]}"
        for id, (_, native, enabled) in self._principals.items():
            if native == "user" and enabled is not False and id.endswith(end):
                yield id

    def _agents(self, form: str) -> Iterator[tuple[str, str]]:
        """Those that policies name; and of projects whose policy was not read, which may name them."""
        for id in self._trees.containers:
            number = self._trees.projects.number(id) if "/" not in id else None
            agent = f"serviceAccount:{form.format(number=number)}"
            if number is None:
                continue
            if agent not in self._principals and not self._shading.told(id, id):
                self._principals[agent] = (id, "service_agent", None)
                self._shading.granting[self._trees.owner[id]].add(
                    "principals", id=agent, account=id, kind="provider_service", name=agent.partition(":")[2], path="/",
                    native="service_agent",
                )  # fmt: skip
            if agent in self._principals:
                yield named(id), agent

    def _pooled(self, id: str, account: str) -> Iterator[tuple[str, str]]:
        """The container of the pool that somebody is of, as a pair's kind and thing."""
        member = parse_member(id)
        if member.kind in (Kind.KUBERNETES, Kind.NAMESPACE):
            project, kind = member.pool.rpartition("/")[2].removesuffix(".svc.id.goog"), "kubernetes"
        elif member.kind not in _POOLED:
            return
        elif "/workforcePools/" in f"/{member.pool}":
            project, kind = account if account.startswith("organizations/") else "", "workforce"
        else:
            own = member.pool.split("/")[1] if member.pool.startswith("projects/") else ""
            project, kind = self._trees.projects.id(own) or own, "pool"
        if project in self._trees.containers:
            yield kind, named(project)

    @cached_property
    def _feeding(self) -> dict[tuple[str, str], State]:
        """Buckets from which code runs as somebody, and whether it does at once or when it is deployed again."""
        runs: dict[str, list[tuple[str, str]]] = {}
        for granting in self._shading.granting:
            for subject, object, kind in granting.rows("runs_as", "subject", "object", "kind"):
                if kind == "executes_as":
                    runs.setdefault(subject, []).append((subject, object))
        by_account: dict[str, list[tuple[str, str, str]]] = {}
        for account, id, kind in self._rows("resources", "account", "id", "kind"):
            if kind.startswith(("cloudfunctions:", "composer:environment")):
                by_account.setdefault(account, []).extend((kind, id, who) for _, who in runs.get(id, ()))
        found: dict[tuple[str, str], State] = {}
        for account, id, kind, tags in self._rows("resources", "account", "id", "kind", "tags"):
            if kind == _BUCKET:
                for who, state in _fed(id, dict(tags or ()), by_account.get(account, [])):
                    found.setdefault((id, who), state)
        return found

    def beside(self) -> dict[str, Mapping[str, str]]:
        """The resource that each service account is, and the project of each of these."""
        return {"resource": self._resource_of, "project": self._project_of}

    @cached_property
    def _project_of(self) -> dict[str, str]:
        known = ((id, resource) for id, resource in self._resource_of.items() if id in self._principals)
        return {resource: named(self._principals[id][0]) for id, resource in known}

    # --- what is so

    def so(self) -> dict[str, Mapping[str, State]]:
        """How far things are so, by the word that rules have for them."""
        projects = [id for id in self._trees.containers if "/" not in id]
        constraints = self._constraints()
        keys = constraints.states(_KEYS, projects)
        by_name = {named(id): one for id, one in keys.items()}
        # It is enforced until somebody says otherwise: https://cloud.google.com/iam/docs/attach-service-accounts
        across = constraints.states(_ACROSS, projects, State.ALLOWED)
        disabled = [id for id, (_, _, enabled) in self._principals.items() if enabled is False]
        disabled += [self._resource_of[id] for id in disabled if id in self._resource_of]
        hmac = {named(id): opposite(one) for id, one in constraints.states(_HMAC, projects).items()}
        return {
            "enabled": dict.fromkeys(disabled, State.CONDITIONAL),
            "hmac keys": {resource: hmac.get(at, State.UNKNOWN) for resource, at in self._project_of.items()},
            "keys": {id: opposite(one) for id, one in keys.items()},
            "keys forbidden": keys,
            "own keys": {
                resource: opposite(by_name.get(at, State.UNKNOWN)) for resource, at in self._project_of.items()
            },
            "key uploads": {id: opposite(one) for id, one in constraints.states(_UPLOADS, projects).items()},
            "api keys": {id: opposite(one) for id, one in constraints.states(_API_KEYS, projects).items()},
            "across projects": {id: opposite(one) for id, one in across.items()},
            "disabled key": self._keys(),
            "cluster": self._clusters(),
            "feeds": {id: state for (id, _), state in self._feeding.items()},
            **self._machines(constraints.states(_OS_LOGIN, projects)),
        }

    @staticmethod
    def otherwise() -> Mapping[str, State]:
        """How far things are so of which nothing is told."""
        return {"enabled": State.ALLOWED, "disabled key": State.UNKNOWN}

    def _constraints(self) -> Constraints:
        containers, unread = self._trees.containers, []
        for tree in self._trees.trees:
            for row in tree.rows("coverage"):
                told = row["service"] == "orgpolicy" or "ORG_POLICY" in row["call"]
                if told and row["status"] != "ok":
                    unread.append(tree.id)
        tops = [id for id, row in containers.items() if row["kind"] == "organization"]
        found = Constraints({id: row["parent"] for id, row in containers.items()}, unread, tops)
        for number, granting in enumerate(self._shading.granting):
            texts = granting.texts()
            for account, layer, target, policy, document in granting.rows(
                "attachments", "account", "layer", "target", "policy", "document"
            ):
                if layer == "organization_policy" and document is not None and self._trees.speaks(number, account):
                    found.tell(target, policy, msgspec.json.decode(texts[document].as_py()))
        return found

    def _keys(self) -> dict[str, State]:
        """Whether a service account has a key that is disabled, where its keys were read."""
        found: dict[str, State] = {}
        for granting in self._shading.granting:
            told = granting.rows("principals", "id", "keys_known")
            found |= {id: State.DENIED for id, known in told if known is True and id not in found}
            for principal, active, kind in granting.rows("credentials", "principal", "active", "kind"):
                if kind != "system_managed_key":
                    state = State.ALLOWED if active is False else State.DENIED
                    found[principal] = State.ALLOWED if found.get(principal) is State.ALLOWED else state
        return found

    def _clusters(self) -> dict[str, State]:
        """Whether there is a cluster in a project."""
        listed = {number for number, tree in enumerate(self._trees.trees) if tree.listed()}
        here = {account for account, kind in self._rows("resources", "account", "kind") if kind == _CLUSTER}
        return {
            named(id): State.ALLOWED if id in here
            else State.DENIED if self._trees.owner[id] in listed else State.UNKNOWN
            for id in self._trees.containers if "/" not in id
        }  # fmt: skip

    def _machines(self, forced: Mapping[str, State]) -> dict[str, Mapping[str, State]]:
        """Whether virtual machines take keys from their metadata, and whether OS Login decides who may enter.

        https://cloud.google.com/compute/docs/oslogin/set-up-oslogin
        """
        whole: dict[str, str] = {}
        machines: dict[str, tuple[str, Mapping[str, str]]] = {}
        for account, id, kind, details in self._rows("resources", "account", "id", "kind", "details"):
            if kind == "compute:project":
                whole[account] = dict(details or ()).get("os_login", "")
            elif kind == "compute:instance":
                machines[id] = (account, dict(details or ()))
        login: dict[str, State] = {}
        keys: dict[str, State] = {}
        project_keys: dict[str, State] = {}
        for id, (account, details) in machines.items():
            said = details.get("os_login", "")
            said = whole.get(account, "") if said == "unset" else said
            on = _SAID.get(said, State.UNKNOWN)
            if on is State.DENIED and forced.get(account, State.UNKNOWN) is State.ALLOWED:
                on = State.UNKNOWN  # what was made before the constraint may be without
            login[id], keys[id] = on, opposite(on)
            blocked = _SAID.get(details.get("project_keys_blocked", ""), State.UNKNOWN)
            project_keys[id] = max(opposite(on), opposite(blocked), key=RANK.__getitem__)
        return {"os login": login, "metadata keys": keys, "project keys": project_keys}


def _fed(bucket: str, labels: Mapping[str, str], running: list[tuple[str, str, str]]) -> Iterator[tuple[str, State]]:
    """As whom code of a bucket runs, of what runs in its project."""
    environment = labels.get(_COMPOSER)
    for kind, id, who in running:
        if environment and kind == "composer:environment" and id.rpartition("/")[2] == environment:
            yield who, State.ALLOWED
        if kind.startswith("cloudfunctions:") and _SOURCES.fullmatch(bucket.rpartition("/")[2]):
            yield who, State.CONDITIONAL
