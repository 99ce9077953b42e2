"""What CloudTrail would have shown: trails and their selectors against what each permission is logged as; pure."""

from .kept import kept
from .rows import observability

__all__ = ["kept", "observability"]
