"""Which actions can be asked of which resources: refused only where no request can be so."""

from __future__ import annotations

import re

import pytest

from leastwise.providers.aws import catalog
from leastwise.providers.aws.compiled.asked import objection

ACCOUNT = "111111111111"
FINE = [
    ("s3:GetObject", "arn:aws:s3:::b/key"),
    ("s3:GetObject", "arn:aws:s3:::b/*"),
    ("s3:GetObject", "arn:aws:s3:::b*"),
    ("s3:GetObject", "arn:aws:s3:::*"),
    ("s3:GetObject", "arn:*:s3:::b/?"),
    ("s3:GetObject", "arn:aws-cn:s3:::b/k"),
    ("s3:GetObject", f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/a"),
    ("s3:GetObject", f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/a/object/k"),
    ("s3:GetObject", None),
    ("s3:ListAllMyBuckets", None),
    ("s3:ListBucket", "arn:aws:s3:::b"),
    ("s3:ListBucket", "arn:aws:s3:::b-?"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a"),
    ("kms:Decrypt", "arn:aws:kms:*:*:*"),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/path/r"),
    ("sts:AssumeRoleWithSAML", f"arn:aws:iam::{ACCOUNT}:role/r"),
    ("iam:PassRole", "arn:aws:iam::*:role/*"),
    ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/new"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f:live"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"),
    ("dynamodb:Query", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t/index/i"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:a"),
    ("ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*"),
    ("s3:NoSuchAction", "arn:aws:s3:::b"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:brand-new/kind"),
]
REFUSED = [
    ("s3:GetObject", "arn:aws:s3:::b", "is asked of .*object.*; did you mean arn:aws:s3:::b/\\*?"),
    ("s3:PutObject", "arn:aws:s3:::b", "did you mean arn:aws:s3:::b/\\*?"),
    ("s3:ListBucket", "arn:aws:s3:::b/*", "is asked of .*bucket.*; did you mean arn:aws:s3:::b?"),
    ("s3:GetObject", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q", "and this is none$"),
    ("s3:ListAllMyBuckets", "arn:aws:s3:::b/*", "takes no resource; leave it out$"),
    ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:role/r", "is asked of user, and this is none$"),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:group/g", "and this is none"),
    ("kms:Decrypt", "arn:aws:s3:::b/k", "is asked of key, and this is none$"),
]


@pytest.mark.parametrize(("action", "resource"), FINE)
def test_what_a_request_can_be_is_asked(action: str, resource: str | None) -> None:
    assert objection(action, resource) == ""


@pytest.mark.parametrize(("action", "resource", "said"), REFUSED)
def test_what_no_request_can_be_is_refused(action: str, resource: str, said: str) -> None:
    told = objection(action, resource)
    assert told.startswith(f"{resource}: {action} ")
    assert re.search(said, told)


def test_every_action_can_be_asked_of_an_arn_of_each_of_its_types() -> None:
    """The catalogue's own ARNs, with something for each variable, are never refused."""
    variable = re.compile(r"\$\{[^}]*\}|<[^>]*>")
    wrong = []
    for name in catalog.known_actions("*")[::7]:
        known = catalog.action(name)
        service = catalog.service(name.partition(":")[0])
        assert known is not None and service is not None
        for use in known.resource_types:
            for arn in service.resource_types[use.type].arns:
                for text in (variable.sub("x1", arn), variable.sub("*", arn)):
                    wrong += [(name, text)] if objection(name, text) else []
    assert wrong == []
