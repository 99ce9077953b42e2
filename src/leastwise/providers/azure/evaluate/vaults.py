"""What a key vault's own access policies give: where they decide, roles on the data plane give nothing there.

https://learn.microsoft.com/azure/key-vault/general/rbac-access-policy
"""

from __future__ import annotations

from leastwise.engine.formula import Formula, Literal, any_of
from leastwise.engine.solve import Gap

from ..language.operations import Plane
from ..language.vaults import Vault, needs, needs_of
from .estate import GROUP
from .membership import includes
from .request import Request


def vault_of(asked: Request, plane: Plane) -> Vault | None:
    """The vault whose access policies decide about a request, or None where roles do."""
    if plane is not Plane.DATA or not asked.operation.startswith("microsoft.keyvault/vaults/"):
        return None
    return next((found for key in asked.resource.paths() if (found := asked.estate.vaults.get(key))), None)


def policies(asked: Request, vault: Vault) -> Formula:
    """When an access policy of a vault gives what is asked."""
    if vault.policies is None:
        return Literal(Gap(f"the access policies of {vault.id}"))
    wanted, of = needs(asked.operation), needs_of(asked.operation)
    found: list[Formula] = []
    for one in vault.policies:
        if not (one.permissions.get(of) if of else any(one.permissions.values())):
            continue  # it gives nothing, whatever the operation needs
        # A policy does not tell of what type its principal is.
        kind = asked.estate.kind(one.principal)
        mine = one.principal == asked.who or (
            kind in ("", GROUP) and includes(asked.estate, one.principal, kind, asked.who)
        )
        if mine is False:
            continue
        if wanted is None:
            found.append(Literal(Gap(f"which permission of an access policy {asked.operation} needs")))
        elif {wanted[1], "all"} & one.permissions[wanted[0]]:
            found.append(mine)
    return any_of(found)
