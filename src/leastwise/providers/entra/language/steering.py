"""Who can change the attributes by which a rule chooses members: users themselves, who invites guests, administrators.

https://learn.microsoft.com/entra/fundamentals/users-default-permissions
https://learn.microsoft.com/entra/external-id/user-properties
https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
"""

from __future__ import annotations

from .memberships import MembershipRule

USERS, INVITERS, ADMINISTRATORS, NOBODY = "users", "inviters", "administrators", "nobody"
_OF_USERS = {
    # Members manage their own number; a device tells of itself, and its owner manages what he owns.
    USERS: ("user.mobile", "device.displayname", "device.devicecategory", "device.devicemanufacturer",
            "device.devicemodel", "device.deviceostype", "device.deviceosversion", "device.devicephysicalids"),
    # Whoever invites a guest chooses the address and the name, of which the directory makes the others.
    INVITERS: ("user.displayname", "user.mail", "user.mailnickname", "user.othermails", "user.proxyaddresses",
               "user.userprincipalname", "user.usertype"),
    # Neither of them is written by anybody: an id, what the directory on premises says, what a service has decided.
    NOBODY: ("user.objectid", "user.onpremisesdistinguishedname", "user.onpremisessecurityidentifier",
             "user.dirsyncenabled", "device.objectid", "device.deviceid", "device.systemlabels",
             "device.devicetrusttype", "device.profiletype", "device.isrooted"),
}  # fmt: skip
OF_INVITERS = frozenset(_OF_USERS[INVITERS])
"""What whoever invites a guest chooses, or what follows from it."""
_BY_ATTRIBUTE = {attribute: who for who, several in _OF_USERS.items() for attribute in several}
_ORDER = (USERS, INVITERS, ADMINISTRATORS, NOBODY)


def steered_by(rule: MembershipRule) -> str:
    """Who may change one of the attributes that decide, whom the least is needed of first.

    All other attributes are those of administrators that are many: `microsoft.directory/users/basic/update`, groups,
    licences, devices.
    """
    found = {_BY_ATTRIBUTE.get(one, ADMINISTRATORS) for one in rule.attributes}
    return next(one for one in _ORDER if one in found)
