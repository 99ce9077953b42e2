"""Whether a caller is somebody that a policy names; a formula over groups that were not read and federated attributes.

A caller may itself be a set (`allUsers` is an anonymous caller, `domain:` any user of it): then what is asked is of
somebody of whom nothing else is known. https://cloud.google.com/iam/docs/principals-overview
"""

from __future__ import annotations

from collections.abc import Iterable

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap

from .. import catalog
from ..language.cel import Call, Const, Name, Select, Stamp
from ..language.members import CONSUMERS, CONVENIENCE, Kind, Member
from ..language.resources import scope
from . import values
from .conditions import Absent, Known, Test
from .estate import Estate, Membership, is_named_agent
from .request import Request, attribute_test
from .values import EvaluationError

_GOOGLE = frozenset(
    {
        Kind.USER, Kind.SERVICE_ACCOUNT, Kind.GROUP, Kind.DOMAIN, Kind.CUSTOMER, Kind.AUTHENTICATED,
        Kind.SERVICE_ACCOUNTS, Kind.SERVICE_AGENTS,
    }
)  # fmt: skip
"""Who has signed in with a Google account or as a service account; federated identities have not."""
_OF_POOL = frozenset({Kind.SUBJECT, Kind.POOL, Kind.POOL_GROUP, Kind.POOL_ATTRIBUTE, Kind.NAMESPACE})
_POOLED = frozenset({*_OF_POOL, Kind.AGENT, Kind.KUBERNETES})
_IN_GROUPS = frozenset({Kind.USER, Kind.SERVICE_ACCOUNT, Kind.GROUP})
"""Who can be in a group; of a set of which nothing else is known nobody is for certain, anonymous callers never."""
_TIME = Select(Name("request"), "time")


def includes(listed: Member, asked: Request) -> Formula:
    """Whether the caller is a member that a policy lists, or in it."""
    found = asked.included.get(listed)
    if found is None:
        found = asked.included[listed] = _includes(listed, asked)
    return found


def _includes(listed: Member, asked: Request) -> Formula:
    who = asked.who
    if listed.deleted or who.deleted:
        return False
    if listed.kind is Kind.EVERYONE or listed == who:
        return True
    if listed.kind is Kind.AUTHENTICATED:
        return who.kind in _GOOGLE
    if listed.kind is Kind.GROUP:
        return _in_group(listed.id, asked)
    if listed.kind in CONVENIENCE:
        return _holds_basic(listed, asked)
    if listed.kind is Kind.OTHER:
        return Literal(Gap(f"who is in {listed.text}"))
    if listed.kind in (Kind.SERVICE_ACCOUNTS, Kind.SERVICE_AGENTS):
        return _of_scope(listed, asked.estate, who)
    if listed.kind in (Kind.DOMAIN, Kind.CUSTOMER):
        return _of_domain(listed, asked.estate, who)
    return _of_pool(listed, asked) if listed.kind in _OF_POOL else False


def any_includes(listed: Iterable[Member], asked: Request) -> Formula:
    """Whether the caller is one of some members, or in one."""
    return any_of(includes(one, asked) for one in listed)


def _in_group(group: str, asked: Request) -> Formula:
    """Whether the caller is in a group, also through others; each way as long as all of its memberships last."""
    return _through(group, asked, frozenset())


def _through(group: str, asked: Request, passed: frozenset[str]) -> Formula:
    if group in passed:
        return False
    members = asked.estate.groups.get(group)
    if members is None:
        return untold(group, asked.who)
    found: list[Formula] = [untold(group, asked.who)] if group in asked.estate.partly else []
    for one in members:
        if one.member.deleted:
            continue
        if one.member.kind is Kind.GROUP:
            same = one.member == asked.who
            within: Formula = True if same else _through(one.member.id, asked, passed | {group})
        else:
            within = includes(one.member, asked)
        found.append(all_of((within, lasting(one, asked))) if within is not False else False)
    return any_of(found)


def untold(group: str, who: Member) -> Formula:
    """Whether the caller is among the members of a group that were not read."""
    return Literal(Gap(f"the members of group:{group}")) if who.kind in _IN_GROUPS else False


def lasting(one: Membership, asked: Request) -> Formula:
    """Whether a membership that ends at some time has not ended.

    https://cloud.google.com/identity/docs/how-to/manage-expirations
    """
    if not one.until:
        return True
    try:
        until = values.parse_stamp(one.until)
    except EvaluationError:
        return Literal(Gap(f"when the membership of {one.member.text} ends"))
    now = asked.context.get("request.time")
    if isinstance(now, Known):
        return isinstance(now.value, Stamp) and now.value.nanos < until.nanos
    if asked.strict or isinstance(now, Absent):
        # A membership ends by the clock; a request that says nothing of it is one of today, of which it is listed.
        return True
    return Literal(Test(Call("<", None, (_TIME, Const(until))), True, "request.time"))


def _holds_basic(listed: Member, asked: Request) -> Formula:
    """Whether the caller holds a basic role on a project, there or from above.

    https://cloud.google.com/storage/docs/access-control/iam#convenience-values
    """
    chain = asked.estate.chain(asked.estate.project(listed.id))
    found: list[Formula] = [Literal(Gap(f"the policy of {name}")) for name in chain.unread]
    if chain.open:
        found.append(Literal(Gap(f"what is above {chain.names[-1]}")))
    for name in chain.names:
        place = asked.estate.places.get(name)
        for binding in place.policy.bindings if place is not None and place.policy is not None else ():
            if binding.role == CONVENIENCE[listed.kind]:
                # A convenience value is no member of a project's policy, so this ends.
                plain = [one for one in binding.members if one.kind not in CONVENIENCE]
                found.append(any_includes(plain, asked))
    return any_of(found)


def is_agent(account: str, estate: Estate) -> bool:
    """Whether a service account is a service agent, which Google owns.

    https://cloud.google.com/iam/docs/service-account-types#service-agents
    """
    return not estate.keeps(account) and (is_named_agent(account) or bool(catalog.service_agent(account)))


def _of_scope(listed: Member, estate: Estate, who: Member) -> Formula:
    """Whether the caller is a service account, or agent, below a project, folder or organization."""
    if who.kind is listed.kind:
        return _below(estate, scope(who.id), scope(listed.id))
    if who.kind is not Kind.SERVICE_ACCOUNT or is_agent(who.id, estate) is not (listed.kind is Kind.SERVICE_AGENTS):
        return False
    home = estate.home(who.id)
    if home is None:
        return Literal(Gap(f"the project of {who.text}"))
    return _below(estate, home, scope(listed.id))


def _below(estate: Estate, name: str, wanted: str) -> Formula:
    """Whether a project, folder or organization is another, or lies in it."""
    found = estate.chain(name).holds(estate.projects.canonical(wanted))
    return Literal(Gap(f"what is above {name}")) if found is None else found


def below(estate: Estate, name: str, wanted: str) -> Formula:
    """Whether a project, folder or organization is another, or lies in it; both are full names."""
    return _below(estate, estate.projects.canonical(name), wanted)


def _of_domain(listed: Member, estate: Estate, who: Member) -> Formula:
    """Whether the caller is a user of a domain, or of a customer by its organization's domain.

    https://cloud.google.com/iam/docs/principals-overview#domains
    """
    if who.kind not in (Kind.USER, Kind.DOMAIN):
        return False
    domain = who.id if who.kind is Kind.DOMAIN else who.domain
    if listed.kind is Kind.DOMAIN:
        return domain == listed.id
    return of_customer(estate, listed.id, domain)


def of_customer(estate: Estate, customer: str, domain: str) -> Formula:
    """Whether users of a domain are those of a customer, known where an organization of one of both was read.

    No domain is of two customers. One that is not told may be a secondary one, unless all of them were.
    """
    if domain in CONSUMERS:
        return False
    owners = {one.customer for one in estate.organizations.values() if domain in one.domains and one.customer}
    if owners:
        return customer in owners
    theirs = [one.has(domain) for one in estate.organizations.values() if one.customer == customer]
    if True in theirs:
        return True
    return False if False in theirs else Literal(Gap(f"the domains of customer {customer}"))


def _of_pool(listed: Member, asked: Request) -> Formula:
    """Whether the caller is one of some identities of a pool or trust domain."""
    same = False if asked.who.kind not in _POOLED else _same_pool(listed, asked)
    return all_of((same, _of_its_pool(listed, asked))) if same is not False else False


def _of_its_pool(listed: Member, asked: Request) -> Formula:
    who = asked.who
    if listed.kind is Kind.POOL:
        return True
    if listed.kind is Kind.SUBJECT:
        return who.kind is Kind.SUBJECT and who.id == listed.id
    if listed.kind is Kind.NAMESPACE:
        return who.kind is Kind.KUBERNETES and who.id.partition("/")[0] == listed.id
    if who.kind is Kind.AGENT:
        return _of_container(listed, who)
    if who.kind not in (Kind.SUBJECT, Kind.KUBERNETES):
        return False
    if listed.kind is Kind.POOL_GROUP:
        return who.kind is Kind.SUBJECT and attribute_test(asked, "google.groups", listed.id).true
    return attribute_test(asked, listed.attribute, listed.id).true


def _same_pool(listed: Member, asked: Request) -> Formula:
    if asked.who.kind is Kind.KUBERNETES:
        return listed.pool.rpartition("/")[2].lower() == asked.who.pool
    return same_pool(asked.estate, listed.pool, asked.who.pool)


def same_pool(estate: Estate, one: str, other: str) -> Formula:
    """Whether two names are those of one pool: its project may be written by its number or its identifier."""
    if one == other:
        return True
    first, second = (estate.projects.canonical(f"//iam.googleapis.com/{pool}").split("/")[3:] for pool in (one, other))
    if first[:1] != ["projects"] or first[:1] + first[2:] != second[:1] + second[2:]:
        return False
    if first[1].isdigit() is second[1].isdigit():
        return first[1] == second[1]
    return Literal(Gap(f"whether {one} and {other} are one pool"))


def _of_container(listed: Member, who: Member) -> bool:
    """Whether an agent is one of a project: its name says where it runs.

    https://cloud.google.com/iam/docs/principal-identifiers
    """
    service, _, path = who.id.removeprefix("resources/").partition("/")
    if listed.attribute == "attribute.platformContainer":
        return f"{service}/{path}/".startswith(f"{listed.id}/")
    return listed.attribute == "attribute.container" and f"{path}/".startswith(f"{listed.id}/")
