"""What the Activity Log and resource logs would have shown: permissions against what diagnostic settings say; pure.

A record stands in the log of the subscription, management group or tenant that holds the resource, or of the resource
itself, not in that of the caller (docs/decisions/0031-azure-logs.md).
"""

from .aliases import aliases
from .kept import kept
from .places import places
from .rows import observability

__all__ = ["aliases", "kept", "observability", "places"]
