"""What was collected, compiled for questions."""

from __future__ import annotations

from collections.abc import Iterable

from leastwise.engine.columns import plain
from leastwise.model.scope import Collected

from ..compiled.access import AwsAccess
from ..compiled.compile import compile_estate
from ..compiled.scopes import ScopeTables
from ..translate import translate


def access_to(collected: Iterable[Collected]) -> AwsAccess:
    """The estate of some scopes, by the way that every import goes, which is all there is.

    An account in no organization has none; what nobody tells of access lists and VPC endpoints is not there.

    Raises:
        InputError: naming file and place.
    """
    found = list(collected)
    alone = {one.scope.id for one in found if one.scope.kind == "account"}
    return AwsAccess(compile_estate([_tables(one) for one in found]), alone, complete=True)


def _tables(one: Collected) -> ScopeTables:
    return ScopeTables(one.scope.kind, one.scope.id, {name: plain(table) for name, table in translate(one).items()})
