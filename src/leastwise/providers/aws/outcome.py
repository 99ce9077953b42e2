"""How a call to AWS ended, by the code of its error; the same for saved responses and for our own calls.

Codes: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the services' own lists.
"""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus

ABSENT = frozenset(
    (
        "NoSuchAccessPointPolicy", "NoSuchBucketPolicy", "NoSuchEntity", "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet", "OwnershipControlsNotFoundError", "PolicyNotFound", "PolicyNotFoundException",
        "RegistryPolicyNotFoundException", "RepositoryPolicyNotFoundException", "ResourceNotFoundException",
        "ResourcePolicyNotFoundException",
    )
)  # fmt: skip
"""The vendor's word that there is none: a fact, no failure."""

DENIED = frozenset(
    (
        "AccessDenied", "AccessDeniedException", "AccessDeniedForDependencyException", "AuthorizationError",
        "AuthorizationErrorException", "ForbiddenException", "NotAuthorized", "UnauthorizedException",
        "UnauthorizedOperation", "UnrecognizedClientException", "InvalidClientTokenId", "NotAuthorizedException",
    )
)  # fmt: skip
THROTTLED = frozenset(
    (
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException", "TransactionInProgressException",
    )
)  # fmt: skip
UNLICENSED = frozenset(("OptInRequired", "SubscriptionRequiredException", "NotSubscribedException"))
UNSUPPORTED = frozenset(
    ("UnknownOperationException", "UnsupportedOperation", "UnsupportedOperationException", "InvalidAction",
     "UnknownEndpoint", "NotImplemented", "MethodNotAllowed")
)  # fmt: skip
EXPIRED = frozenset(("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"))
SKEWED = frozenset(("RequestTimeTooSkewed", "InvalidSignatureException", "SignatureDoesNotMatch"))


def status_of(code: str) -> CoverageStatus:
    """The status that an error's code stands for; what is not known is FAILED."""
    for codes, status in (
        (DENIED, CoverageStatus.DENIED),
        (THROTTLED, CoverageStatus.THROTTLED),
        (UNLICENSED, CoverageStatus.UNLICENSED),
        (UNSUPPORTED, CoverageStatus.UNSUPPORTED),
    ):
        if code in codes:
            return status
    return CoverageStatus.FAILED
