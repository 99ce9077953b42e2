"""One question: who, what, where, and what is known of the request; as the facts that conditions ask for.

Which attributes a service provides: https://cloud.google.com/iam/docs/conditions-attribute-reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from leastwise.engine.formula import Formula, Literal

from ..language.cel import Call, Const, Constant, Name
from ..language.members import Kind, Member
from ..language.names import canonical
from ..language.resources import Attributes, attributes
from .conditions import NEITHER, Absent, Known, Lacking, Look, Test, Truth, Unknown, truth
from .estate import Chain, Estate
from .tags import tag_truth
from .values import EvaluationError

_IAP = "iap.googleapis.com"
_STORAGE = "storage.googleapis.com"
_MODIFIED = "iam.googleapis.com/modifiedGrantsByRole"
_LIST_PREFIX = "storage.googleapis.com/objectListPrefix"
_LIMITED = frozenset(
    f"{service}.googleapis.com"
    for service in (
        "apigateway", "automl", "privateca", "cloudfunctions", "healthcare", "cloudkms", "run", "runtimeconfig",
        "storage", "compute", "containeranalysis", "dataproc", "earthengine", "gameservices", "iam", "iap",
        "managedidentities", "notebooks", "cloudresourcemanager", "secretmanager", "servicemanagement",
    )
)  # fmt: skip
"""Services that tell which roles a change of a policy touches; where others are asked to limit that, they refuse."""
_FORWARDING = frozenset(
    {"compute.googleapis.com/forwardingRules.create", "compute.googleapis.com/globalForwardingRules.create"}
)
SCHEME = "compute.loadBalancingScheme"


@dataclass(frozen=True)
class Request:
    """What is asked.

    Args:
        estate: what is known.
        who: the caller.
        permission: in its canonical spelling.
        resource: full name, canonical.
        context: attributes that the question gives, by their names.
        strict: attributes that nobody gives are absent; else they are not known.
        below: the resource is not this one, but any that lies in it.
    """

    estate: Estate
    who: Member
    permission: str
    resource: str
    context: Mapping[str, Known | Absent] = field(default_factory=dict)
    strict: bool = False
    below: bool = False

    @cached_property
    def chain(self) -> Chain:
        """The resource and all above it."""
        return self.estate.chain(self.resource)

    @cached_property
    def attributes(self) -> Attributes:
        """What conditions see of the resource."""
        return attributes(self.resource, self.estate.projects)

    @cached_property
    def included(self) -> dict[Member, Formula]:
        """What was found out of whether the caller is, or is in, whom policies list; see `membership`."""
        return {}

    @cached_property
    def service(self) -> str:
        """The service whose permission is asked for."""
        return self.permission.partition("/")[0]

    def about(self, permission: str) -> Request:
        """The same question about another permission; what does not depend on that is kept."""
        other = replace(self, permission=permission)
        other.__dict__.update(chain=self.chain, attributes=self.attributes, included=self.included)
        return other

    def given(self, name: str) -> Look:
        """An attribute that requests of this kind can have."""
        return self.context.get(name) or (Absent() if self.strict else Unknown(name))


def request(
    estate: Estate,
    who: Member,
    permission: str,
    resource: str,
    context: Mapping[str, Known | Absent] | None = None,
    *,
    strict: bool = False,
) -> Request:
    """The request of a question, its names in their canonical spellings."""
    return Request(estate, who, canonical(permission), estate.projects.canonical(resource), context or {}, strict)


@dataclass(frozen=True, slots=True)
class AllowFacts:
    """What the condition of a binding of an allow policy sees."""

    request: Request

    def look(self, path: str) -> Look | None:
        """See `conditions.Facts`."""
        asked, found = self.request, self.request.attributes
        accessed = asked.service == _IAP and asked.permission.endswith(".accessViaIAP")
        if asked.below and path in ("resource.name", "resource.type", "resource.service"):
            return Unknown(path)
        if path == "request.time":
            return asked.context.get(path) or (Absent() if asked.strict else Unknown(path))
        if path == "resource.name":
            return Lacking(found.unknown) if found.unknown else _known(found.name)
        if path in ("resource.type", "resource.service"):
            return _known(found.type if path == "resource.type" else found.service)
        if path in ("request.path", "request.host"):
            web = (accessed and "/web" in asked.permission.lower()) or asked.service == "run.googleapis.com"
            return asked.given(path) if web else Absent()
        if path in ("destination.ip", "destination.port"):
            return asked.given(path) if accessed and "/tunnel" in asked.permission.lower() else Absent()
        if path == "request.auth.access_levels":
            return asked.given(path) if accessed else Absent()
        return Absent() if path in ("principal.type", "principal.subject") else None

    def api(self, name: str) -> Look:
        """See `conditions.Facts`."""
        asked = self.request
        if name == _MODIFIED:
            if not asked.permission.endswith(".setIamPolicy") or asked.service == "bigquery.googleapis.com":
                return Absent()
            # A service that does not tell lets nobody pass who must not touch other roles.
            return asked.given(name) if asked.service in _LIMITED else Known(("(roles that are not told)",))
        if name == _LIST_PREFIX:
            return asked.given(name) if asked.permission == f"{_STORAGE}/objects.list" else Absent()
        if name.startswith("aiplatform.googleapis.com/"):
            return asked.given(name) if asked.service == "aiplatform.googleapis.com" else Absent()
        return Absent()

    def asked(self, owner: str, function: str, args: tuple[Constant, ...]) -> Truth | None:
        """See `conditions.Facts`."""
        if owner == "resource":
            return _tags(self.request, function, args)
        creating = self.request.permission in _FORWARDING
        if function == "isForwardingRuleCreationOperation" and not args:
            return truth(creating)
        if function != "matchLoadBalancingSchemes" or len(args) != 1 or not isinstance(args[0], tuple):
            return None
        return self._scheme(args[0]) if creating else NEITHER

    def _scheme(self, schemes: tuple[Constant, ...]) -> Truth:
        """Whether the forwarding rule that is created is of one of some load balancing schemes."""
        place = self.request.estate.places.get(self.request.resource)
        known = self.request.context.get(SCHEME)
        if isinstance(known, Known):
            return truth(known.value in schemes)
        if place is not None and place.scheme:
            return truth(place.scheme in schemes)
        if self.request.strict or isinstance(known, Absent):
            return NEITHER
        node = Call("in", None, (Name(SCHEME), Const(schemes)))
        yes, no = (Literal(Test(node, value, SCHEME)) for value in (True, False))
        return Truth(yes, no)


def _tags(asked: Request, function: str, args: tuple[Constant, ...]) -> Truth | None:
    """What a function of the resource's tags says; of any resource below another, a test of its tags."""
    found = tag_truth(asked.estate, asked.chain, function, args)
    if not asked.below or found in (None, NEITHER):
        return found
    # What lies below may have a tag of its own, or another value of the key.
    node = Call(function, Name("resource"), tuple(Const(one) for one in args))
    yes, no = (Literal(Test(node, value, "resource.tags")) for value in (True, False))
    return Truth(yes, no)


def _known(value: str | None) -> Look:
    return Absent() if value is None else Known(value)


@dataclass(frozen=True, slots=True)
class DenyFacts:
    """What the condition of a deny rule sees: tags, and nothing else."""

    request: Request

    def look(self, path: str) -> Look | None:
        """See `conditions.Facts`."""
        return Absent()

    def api(self, name: str) -> Look:
        """See `conditions.Facts`."""
        raise EvaluationError("a deny rule sees tags only")

    def asked(self, owner: str, function: str, args: tuple[Constant, ...]) -> Truth | None:
        """See `conditions.Facts`."""
        if owner != "resource":
            return NEITHER
        return _tags(self.request, function, args) or NEITHER


_TYPES = {
    Kind.USER: "WorkspaceIdentity",
    Kind.SERVICE_ACCOUNT: "ServiceAccount",
    Kind.KUBERNETES: "WorkloadPoolIdentity",
    Kind.AGENT: "AgentPoolIdentity",
}


@dataclass(frozen=True, slots=True)
class PrincipalFacts:
    """What the condition of a boundary's binding sees: type and subject of the caller."""

    who: Member

    def look(self, path: str) -> Look | None:
        """See `conditions.Facts`."""
        if path not in ("principal.type", "principal.subject"):
            return Absent()  # nothing else can be asked of here
        kind = _TYPES.get(self.who.kind)
        if self.who.kind is Kind.SUBJECT:
            kind = "WorkforcePoolIdentity" if "/workforcePools/" in f"/{self.who.pool}" else "WorkloadPoolIdentity"
        if kind is None:
            return Lacking(f"who of {self.who.text} calls")
        if path == "principal.type":
            return Known(f"iam.googleapis.com/{kind}")
        namespace, _, account = self.who.id.partition("/")
        return Known(f"ns/{namespace}/sa/{account}" if self.who.kind is Kind.KUBERNETES else self.who.id)

    def api(self, name: str) -> Look:
        """See `conditions.Facts`."""
        return Absent()

    def asked(self, owner: str, function: str, args: tuple[Constant, ...]) -> Truth | None:
        """See `conditions.Facts`."""
        return NEITHER


def attribute_test(asked: Request, attribute: str, value: str) -> Truth:
    """Whether an attribute of a federated identity has a value, or among others; `google.groups` is a list.

    https://cloud.google.com/iam/docs/workload-identity-federation#mapping
    """
    looked = asked.given(attribute)
    if isinstance(looked, Known):
        several = looked.value if isinstance(looked.value, tuple) else (looked.value,)
        return truth(value in several)
    if not isinstance(looked, Unknown):
        return truth(False)
    many = attribute == "google.groups"
    node = (
        Call("in", None, (Const(value), Name(attribute))) if many else Call("==", None, (Name(attribute), Const(value)))
    )
    test = Test(node, True, attribute)
    return Truth(Literal(test), Literal(test, positive=False))
