"""Trust statements: who may become a role."""

from __future__ import annotations

from demo_company.ids import PROD, ROOT, hexes
from demo_company.model import Statement

GITHUB = "token.actions.githubusercontent.com"
EKS_ID = hexes(32, "eks", "depot").upper()
EKS = f"oidc.eks.eu-west-1.amazonaws.com/id/{EKS_ID}"


def _trust(principal: dict[str, object], action: str | list[str], condition: dict[str, object] | None) -> Statement:
    statement: Statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return {**statement, "Condition": condition} if condition else statement


def service(name: str) -> tuple[Statement, ...]:
    """An AWS service: `lambda` means lambda.amazonaws.com."""
    return (_trust({"Service": f"{name}.amazonaws.com"}, "sts:AssumeRole", None),)


def principal(arn: str, *, source_identity: bool = False) -> tuple[Statement, ...]:
    """A principal or a whole account, by ARN."""
    actions: str | list[str] = ["sts:AssumeRole", "sts:SetSourceIdentity"] if source_identity else "sts:AssumeRole"
    return (_trust({"AWS": arn}, actions, None),)


def vendor(account: str, external_id: str) -> tuple[Statement, ...]:
    """Another company's account that must name an external id."""
    condition = {"StringEquals": {"sts:ExternalId": external_id}}
    return (_trust({"AWS": f"arn:aws:iam::{account}:root"}, "sts:AssumeRole", dict(condition)),)


def github(subject: str, *, account: str = PROD) -> tuple[Statement, ...]:
    """GitHub workflows whose subject equals, or is like, a pattern."""
    provider = f"arn:aws:iam::{account}:oidc-provider/{GITHUB}"
    audience = {f"{GITHUB}:aud": "sts.amazonaws.com"}
    condition: dict[str, object] = {"StringEquals": {**audience, f"{GITHUB}:sub": subject}}
    if "*" in subject:
        condition = {"StringEquals": audience, "StringLike": {f"{GITHUB}:sub": subject}}
    return (_trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", condition),)


def pod(namespace: str, account_name: str) -> tuple[Statement, ...]:
    """A service account of the cluster `depot`."""
    subject = f"system:serviceaccount:{namespace}:{account_name}"
    condition: dict[str, object] = {"StringEquals": {f"{EKS}:aud": "sts.amazonaws.com", f"{EKS}:sub": subject}}
    provider = f"arn:aws:iam::{PROD}:oidc-provider/{EKS}"
    return (_trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", condition),)


def saml_provider(account: str) -> str:
    """The SAML provider that Identity Center keeps in each account."""
    return f"arn:aws:iam::{account}:saml-provider/AWSSSO_{hexes(16, 'saml', account)}_DO_NOT_DELETE"


def identity_center(account: str) -> tuple[Statement, ...]:
    """Sessions of Identity Center."""
    condition: dict[str, object] = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    return (_trust({"Federated": saml_provider(account)}, ["sts:AssumeRoleWithSAML", "sts:TagSession"], condition),)


COLLECTOR = f"arn:aws:iam::{ROOT}:role/leastwise-collector"
