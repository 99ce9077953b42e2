"""The rows of what was told bit by bit: scopes, resources, principals, credentials, bundles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.gcp.language.resources import Projects, bucket_of, inside_of, numbered_beside
from leastwise.providers.gcp.tree import KINDS, RESOURCE_MANAGER, node_of_name

from .containers import finish_tags, inherited_tags
from .context import Context
from .directory import domains_known, finish_administrators, finish_delegation, finish_directory
from .groups import finish_groups
from .guardrails import finish_bindings, finish_deny_policies
from .insights import finish as finish_insights
from .policies import allow_policy, own_roles
from .public import container_openings, inherited, opening, outsiders, widest
from .trusted import finish_trusts


def finish(context: Context) -> None:
    """Add every row that is left to make, and the coverage."""
    context.members.domains_known = domains_known(context)
    _coverage(context)
    _listed(context)
    finish_tags(context)
    own_roles(context)
    finish_bindings(context)
    finish_deny_policies(context)
    finish_groups(context)
    finish_trusts(context)
    finish_delegation(context)
    finish_administrators(context)
    _resources(context)
    _scopes(context)
    _bundles(context)
    _keys(context)
    for id in context.keys_of:
        context.members.tell(id, "", keys_known=True)
    finish_insights(context)
    context.members.finish(context.facts)


def _coverage(context: Context) -> None:
    for one in context.collected.coverage:
        context.facts.coverage.add(
            service=one.service,
            call=one.call,
            status=one.status.value,
            detail=one.detail,
            affects=one.affects,
            account=one.account,
        )
    for what, source in context.contradicted.items():
        detail = f"{what} is told again, otherwise ({source}): what was told first is taken"
        context.gap("import", "repeated", CoverageStatus.UNSUPPORTED, detail, "which of the two is in force")
    if context.without_conditions:
        name, source = next(iter(context.without_conditions.items()))
        count = len(context.without_conditions)
        detail = (
            f"{count} policies were read in a version without conditions, {name} first ({source}): ask for version 3"
        )
        context.gap(
            "cloudresourcemanager",
            "conditions",
            CoverageStatus.FAILED,
            detail,
            "under which conditions roles are given",
        )


def _listed(context: Context) -> None:
    """The access lists of datasets of which nothing else told the policy."""
    for name, (policy, source) in context.listed.items():
        if "policy" not in context.resources.get(context.resource_name(name), {}):
            allow_policy(context, name, policy, source)


def _scopes(context: Context) -> None:
    tree = context.tree
    nodes = dict.fromkeys((*tree.containers(), *(tree.name(node) for node in context.scopes)))
    for node in nodes:
        told = context.scopes.get(node, {})
        path = tree.path(node)
        inherited = inherited_tags(context, path)
        tags = dict(told.get("tags", ())) | context.bound_tags.get(node, {}) | inherited
        effective = {key: id for key, id in context.effective_ids.get(node, {}).items() if key in inherited}
        ids = context.tag_ids.get(node, {}) | effective
        context.facts.scopes.add(
            id=context.account(node), kind=KINDS[node.partition("/")[0]], name=told.get("name"),
            parent=context.account(path[1]) if len(path) > 1 else None,
            tenant=path[-1] if path[-1].startswith("organizations/") else None, status=told.get("status"),
            number=tree.number(node) or None if node.startswith("projects/") else None, tags=tuple(tags.items()),
            tag_ids=tuple(ids.items()), source=told.get("source", ""), **finish_directory(context, node),
        )  # fmt: skip


def _unread(context: Context) -> set[str]:
    """The accounts of which no call told all allow policies; the top stands for the whole tree."""
    missing: dict[str, set[str]] = {}
    for one in context.collected.coverage:
        if "IAM_POLICY" in one.call or one.call == "searchAllIamPolicies":
            lacking = missing.setdefault(one.call, set())
            if one.status is not CoverageStatus.OK:
                lacking.add(one.account or context.top)
    return set.intersection(*missing.values()) if missing else set()


def kind_of(type: str, name: str) -> str:
    """The kind of a resource by its asset type, as `storage:bucket`; by its name's host where no type is told."""
    host, _, noun = type.partition("/")
    if not noun:
        host, noun = name.removeprefix("//").partition("/")[0], "resource"
    return f"{host.removesuffix('.googleapis.com')}:{noun.lower()}"


def _resources(context: Context) -> None:
    above, unread = container_openings(context), _unread(context)
    named = context.tree.projects()
    bound, ids = _bound(context, context.bound_tags, named), _bound(context, context.tag_ids, named)
    numbers = {named.canonical(number) for number in context.numbered}
    fronts = numbered_beside(map(named.canonical, context.bound_tags), numbers)
    told_numbers = frozenset(context.numbered.values())
    for name, told in context.resources.items():
        node, place = told.get("node", "") or node_of_name(name), named.canonical(name)
        account = context.account(node)
        policy = told.get("policy")
        statements = context.documents.statements[policy] if policy is not None else ()
        known = policy is not None or (context.policies_read and not unread & {account, context.top})
        kind = kind_of(told.get("type", ""), name)
        opened: dict[str, Any] = {"opening": None, "opened_by": ""}
        lost = _astray(context, name, node)
        if known:
            path = context.tree.path(node or context.top) if node or lost else []
            opened["opening"], opened["opened_by"] = widest(opening(statements), *inherited(context, above, kind, path))
        if lost and opened["opening"] == "none":
            opened["opening"] = None  # its project may open it
        labelled = dict(told.get("tags", ())) | bound.get(place, {})
        runs, tag = context.running.get(name, []), name.removeprefix(RESOURCE_MANAGER)
        unnumbered = _numberless(name in told_numbers, place, fronts)
        details = (*told.get("details", ()), *lost, *_key_of(context, tag), *unnumbered)
        context.facts.resources.add(
            id=name, account=account, kind=kind,
            name=told.get("name") or context.tags.get(tag) or name.rpartition("/")[2], region=told.get("region"),
            created=told.get("created"),
            policy=policy, policy_known=known, restrictable=told.get("public_block") is not None,
            shared=outsiders(context, statements), acl_public=told.get("acl_public"),
            public_block=told.get("public_block"),
            principal=told.get("principal") or (runs[0] if len(runs) == 1 else None),
            details=details, tags=tuple(labelled.items()), tag_ids=tuple(ids.get(place, {}).items()),
            source=told["source"], **opened,
        )  # fmt: skip
        for one in runs:
            context.facts.runs_as.add(
                subject=name, object=one, kind="executes_as", account=account, source=told["source"]
            )


def _key_of(context: Context, tag: str) -> tuple[tuple[str, str], ...]:
    """Says of a tag value which key it is of."""
    return (("key", context.tag_keys[tag]),) if tag in context.tag_keys else ()


def _numberless(numbered: bool, name: str, fronts: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Says of a resource that tags may be bound to it by a number, which nothing told of it."""
    lacks = not numbered and name.rpartition("/")[0] in fronts
    return (("number", "not told"),) if lacks else ()


def _bound(context: Context, tags: Mapping[str, dict[str, str]], named: Projects) -> dict[str, dict[str, str]]:
    """Tags, or their ids, by the canonical full name of what they are bound to."""
    numbered = {named.canonical(number): named.canonical(name) for number, name in context.numbered.items()}
    found: dict[str, dict[str, str]] = {}
    for name, told in tags.items():
        place = named.canonical(name)
        place = numbered.get(place, place)
        found[place] = told | found.get(place, {})
    return found


_BILLING = "//cloudbilling.googleapis.com/"  # what lies in an organization itself


def _astray(context: Context, name: str, node: str) -> tuple[tuple[str, str], ...]:
    """Says of a resource that nothing told its project, where the tree has more than one: its policy may grant."""
    whole = context.tree.name(context.top if "/" in context.top else f"projects/{context.top}")
    inside = inside_of(name) is not None or bucket_of(name) is not None
    lost = not node and not whole.startswith("projects/") and not inside and not name.startswith(_BILLING)
    return (("project", "not told"),) if lost else ()


def _bundles(context: Context) -> None:
    for name, told in context.bundles.items():
        context.facts.policies.add(id=name, default=True, **told)


def _keys(context: Context) -> None:
    for id, told in context.keys.items():
        node = told.pop("node")
        member = context.members.member(told["principal"])
        account = context.members.account(member) or context.account(node)
        known = id in context.key_used
        context.facts.credentials.add(
            **told, account=account, last_used=context.key_used.get(id), last_used_known=known
        )
