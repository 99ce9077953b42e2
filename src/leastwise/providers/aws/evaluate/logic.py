"""The logic over all policy types: one formula for each class of request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap

from . import services
from .layers import Layer, ResourceLayer, absent, every_layer, guard_layer, identity_layer, levels_layer, resource_layer
from .policies import Gives, Policies
from .principals import Named
from .statements import Request


@dataclass(frozen=True, slots=True)
class Question:
    """A request with what every type of policy says of it, and the formula under which it is allowed.

    `deny` is the formula under which something denies; `fixed` names a rule of the service that decides alone, and
    `barred` one that denies beside the statements. `behind` is what the bucket behind an access point says,
    `grants` what those on a key do.
    """

    request: Request
    layers: dict[str, Layer]
    resource: ResourceLayer
    allow: Formula
    deny: Formula
    fixed: str = ""
    barred: str = ""
    behind: ResourceLayer | None = None
    grants: tuple[ResourceLayer, ...] = ()

    @property
    def formula(self) -> Formula:
        """Allowed, and not denied."""
        return all_of((self.allow, negate(self.deny)))


def question(request: Request, policies: Policies) -> Question:
    """Every type of policy against a request, and how they decide together."""
    layers = (_identity(request, policies), *_limits(request, policies))
    return settle(request, policies, {layer.name: layer for layer in layers})


def settle(request: Request, policies: Policies, layers: dict[str, Layer]) -> Question:
    """How the layers of the principal's side decide together with the resource's side."""
    fixed = services.fixed(request.action, request.target, request.principal.kind)
    bounded = bool(policies.boundaries)
    gaps = policies.gaps
    resource = resource_layer(policies.resource, request, bounded=bounded, gaps=gaps.resource, giving=gaps.giving)
    if fixed is not None:
        return Question(request, layers, resource, fixed.allowed, False, fixed.reason)
    behind = _behind(request, policies)
    grants = [resource_layer(grant, request, bounded=bounded, gaps=()) for grant in policies.grants]
    barred = services.barred(request, policies)
    deny = any_of((*(layer.deny for layer in layers.values()), resource.deny, barred.formula))
    guards = [layers[name].allow for name in ("scp", "rcp", "endpoint")]
    unread = [Literal(Gap(one.text)) for one in gaps.giving if one.gives is Gives.BY_GRANT]
    granted = any_of((*(grant.gives(Named.ROLE, Named.DIRECT) for grant in grants), *unread))
    to_account = any_of(grant.gives(Named.ACCOUNT) for grant in grants)
    core = _core(request, layers, resource, granted, to_account, gaps.consent)
    if policies.behind is not None and behind is not None:
        deny = any_of((deny, behind.deny))
        core = all_of((core, _consent(replace(request, account=policies.behind.account), layers, behind)))
    return Question(
        request,
        layers,
        resource,
        all_of((*guards, core)),
        deny,
        barred=barred.reason if barred.formula is True else "",
        behind=behind,
        grants=tuple(grants),
    )


def _behind(request: Request, policies: Policies) -> ResourceLayer | None:
    """What the bucket behind an access point says, whose policy names the bucket's own ARN."""
    there = policies.behind
    if there is None:
        return None
    moved = replace(request, target=there.target, account=there.account)
    return resource_layer(there.policy, moved, bounded=bool(policies.boundaries), gaps=there.gaps)


def _consent(request: Request, layers: Mapping[str, Layer], bucket: ResourceLayer) -> Formula:
    """Whether the bucket behind an access point lets the request through: by its policy, or its own account's policies.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
    """
    if request.principal.kind in ("anonymous", "service", "federated"):
        return bucket.gives(Named.DIRECT)
    if request.account and request.account != request.principal.account:
        return bucket.gives(Named.ACCOUNT, Named.ROLE, Named.DIRECT)
    return any_of((layers["identity"].allow, bucket.gives(Named.ROLE, Named.DIRECT)))


def other_layers(request: Request, policies: Policies) -> dict[str, Layer]:
    """What every type of policy but the identity's own says."""
    return {layer.name: layer for layer in _limits(request, policies)}


def _mortal(request: Request) -> bool:
    """Has identity policies, and stands under service control policies."""
    return request.principal.kind not in ("anonymous", "service", "federated")


def _identity(request: Request, policies: Policies) -> Layer:
    if request.principal.kind in ("root", "account"):
        return Layer("identity", True, False)
    return identity_layer("identity", policies.identity if _mortal(request) else (), request, policies.gaps.identity)


def _limits(request: Request, policies: Policies) -> list[Layer]:
    who, gaps = request.principal, policies.gaps
    mortal = _mortal(request)
    scps = policies.scps if mortal and not who.service_linked else None
    rcps = None if who.service_linked else policies.rcps
    boundaries = policies.boundaries if mortal and who.kind != "root" else None
    return [
        absent("boundary")
        if boundaries is None and not gaps.boundary
        else every_layer("boundary", boundaries or (), request, gaps.boundary),
        absent("session")
        if policies.session is None and not gaps.session
        else identity_layer("session", policies.session or (), request, gaps.session),
        absent("scp") if not scps and not gaps.scp else levels_layer("scp", scps or (), request, gaps.scp),
        absent("rcp") if not rcps and not gaps.rcp else levels_layer("rcp", rcps or (), request, gaps.rcp),
        absent("endpoint")
        if policies.endpoint is None and not gaps.endpoint
        else guard_layer("endpoint", policies.endpoint or (), request, gaps.endpoint),
    ]


def _core(
    request: Request,
    layers: Mapping[str, Layer],
    given: ResourceLayer,
    granted: Formula,
    to_account: Formula,
    consent: Sequence[str],
) -> Formula:
    """What grants: the identity's own policies, the resource's, or both.

    A grant on a key can have an account as its grantee or as who may retire it; as in a policy, that is for the
    account's own policies to give on: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    """
    own = all_of((layers["identity"].allow, *(Literal(Gap(one)) for one in consent)))
    limits = all_of((layers["boundary"].allow, layers["session"].allow))
    who = request.principal
    if who.kind in ("anonymous", "service", "federated"):
        return any_of((given.gives(Named.DIRECT), granted if who.kind == "service" else False))
    root_session = services.root_session(request)
    if root_session is not None:
        return all_of((own, limits, root_session))
    same = not request.account or request.account == who.account
    if services.decided_by_resource(request):
        through = [all_of((any_of((given.gives(Named.ACCOUNT, Named.ROLE, Named.DIRECT), to_account)), own, limits))]
        if same:
            through += [given.gives(Named.DIRECT), all_of((given.gives(Named.ROLE), limits))]
        return any_of((*through, all_of((granted, limits))))
    if same:
        alone = any_of((given.gives(Named.DIRECT), all_of((given.gives(Named.ROLE), limits))))
        return any_of((all_of((own, limits)), alone))
    return all_of((own, limits, given.gives(Named.ACCOUNT, Named.ROLE, Named.DIRECT)))
