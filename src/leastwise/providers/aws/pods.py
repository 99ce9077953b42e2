"""Doors of EKS Pod Identity: a service account of a cluster becomes the role that an association gives to it.

https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.model.decision import Circumstances, State
from leastwise.model.federation import OIDC, Door, Entered, Token, issuer_key, worse
from leastwise.providers.tabled import rows_of, rows_with

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base import ScopeTables

_ASSOCIATION, _CLUSTER = "eks:podidentityassociation", "eks:cluster"
_SERVICE, _ASSUME = "pods.eks.amazonaws.com", "sts:AssumeRole"


def pod_doors(scopes: Sequence[ScopeTables], access: Access) -> Iterator[Door]:
    """The associations of all clusters, by the issuer of the tokens of their service accounts.

    Where nothing told the issuer of a cluster, its ARN stands for it.
    """
    associations = list(rows_with(scopes, "resources", ("kind", _ASSOCIATION), "id", "account", "region", "details"))
    if not associations:
        return
    issuers = {
        id: dict(details or ()).get("oidc_issuer") or id
        for id, details in rows_with(scopes, "resources", ("kind", _CLUSTER), "id", "details")
    }
    roles: dict[str, list[str]] = defaultdict(list)
    for subject, object in rows_of(scopes, "runs_as", "subject", "object"):
        roles[subject].append(object)
    for id, account, region, details in associations:
        told = dict(details or ())
        namespace, slash, name = told.get("service_account", "").partition("/")
        if not slash or not roles[id]:
            continue
        cluster = f"arn:{id.split(':')[1]}:eks:{region}:{account}:cluster/{told.get('cluster', '')}"
        second = told.get("target_role", "")
        first = next((one for one in roles[id] if one != second), "")
        pod = _Pod(access, cluster, account, namespace, name, first, second, told.get("session_tags") != "no")
        issuer = issuer_key(issuers.get(cluster, cluster))
        yield Door(id, account, "pods-aws", OIDC, issuer, (pod.subject,), (_SERVICE,), pod.tries, exact=True)


@dataclass(frozen=True, slots=True)
class _Pod:
    """One association.

    Args:
        access: answers.
        cluster: ARN.
        account: of the cluster.
        namespace: of the service account.
        name: of the service account.
        first: the role that the service assumes.
        second: the role that is assumed with that one's credentials, which pods then act as; none for none.
        tagged: the session has tags that say which service account it is.
    """

    access: Access
    cluster: str
    account: str
    namespace: str
    name: str
    first: str
    second: str
    tagged: bool

    @property
    def subject(self) -> str:
        """The service account, as its tokens name it."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    def tries(self, token: Token) -> list[Entered]:
        """The role that pods of the service account act as; nobody where its trust refuses the service."""
        given = token.claims.get("aud")
        meant = "aud" in token.chosen if given is None else _SERVICE in given
        if token.subject != self.subject or not self.first or not meant:
            return []
        asked = (_SERVICE, _ASSUME, self._context())
        decision = self.access.can(_SERVICE, _ASSUME, self.first, Circumstances(asked[2]))
        if not self.second:
            return _entered(self.first, decision.state, decision.missing, asked)
        # Only the second role's credentials come to the pod.
        other = self.access.can(self.first, _ASSUME, self.second, Circumstances())
        missing = tuple(dict.fromkeys((*decision.missing, *other.missing)))
        return _entered(self.second, worse(decision.state, other.state), missing, (self.first, _ASSUME, {}))

    def _context(self) -> Mapping[str, tuple[str, ...]]:
        """https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html"""
        context = {"aws:SourceAccount": (self.account,), "aws:SourceArn": (self.cluster,)}
        if self.tagged:
            tags = {
                "eks-cluster-arn": self.cluster, "eks-cluster-name": self.cluster.rpartition("/")[2],
                "kubernetes-namespace": self.namespace, "kubernetes-service-account": self.name,
            }  # fmt: skip
            context |= {f"aws:RequestTag/{key}": (value,) for key, value in tags.items()}
        return context


def _entered(
    role: str, state: State, missing: tuple[str, ...], asked: tuple[str, str, Mapping[str, tuple[str, ...]]]
) -> list[Entered]:
    return [] if state is State.DENIED else [Entered(role, state, missing, asked)]
