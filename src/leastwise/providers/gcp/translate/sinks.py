"""Where a log sink writes, and what it lets through, as details of a resource.

https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/projects.sinks
"""

from __future__ import annotations

from leastwise.providers.members import Object

from .reading import objects, text, truth


def sink_details(data: Object) -> dict[str, str]:
    """`destination`, `filter`; `children`: it writes the logs of what lies below; `leaves_out`: it has exclusions;
    `since`: when it was last altered; `state`: `off`.
    """
    found = {"destination": text(data, "destination"), "filter": text(data, "filter")}
    found["children"] = "yes" if truth(data, "includeChildren") else ""
    left_out = [one for one in objects(data, "exclusions") if truth(one, "disabled") is not True]
    found["leaves_out"] = "yes" if left_out else ""
    found["since"] = text(data, "updateTime") or text(data, "createTime")
    found["state"] = "off" if truth(data, "disabled") else ""
    return {name: value for name, value in found.items() if value}
