"""What Cloud Audit Logs would have shown: types of permissions against what policies and sinks say; pure.

An entry stands in the log of the container that holds the resource, not in that of the caller. So a use would have been
seen where every container records it, and its log was taken in, in which the resources lie that a permission is held on
(docs/decisions/0027-google-cloud-logs.md).
"""

from .places import places
from .rows import observability
from .sinks import kept

__all__ = ["kept", "observability", "places"]
