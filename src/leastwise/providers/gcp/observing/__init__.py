"""What Cloud Audit Logs would have shown: kinds of permissions against what policies and sinks say; pure.

An entry stands in the log of the container that holds the resource, not in that of the caller. Whoever can be given
roles everywhere in a tree may use them everywhere in it, so that a use would have been seen only if every container of
the tree records it and all of their logs were taken in (docs/decisions/0027-google-cloud-logs.md).
"""

from .rows import observability
from .sinks import kept

__all__ = ["kept", "observability"]
