"""What the directory's logs would have shown: permissions against the logs that are held; pure.

The audit log shows changes, the activity logs of Graph show requests of applications, and so the use of their
permissions; what is only read, in portals too, no log shows (docs/decisions/0036-entra-logs.md).
"""

from .aliases import aliases
from .kept import kept
from .rows import observability

__all__ = ["aliases", "kept", "observability"]
