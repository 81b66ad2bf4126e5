"""Roles and what they inherit; the permissions themselves are the kit's."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from reference_impl.auth.models import Role
from reference_impl.kit.access import ROLES

_INHERITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"reader": (), "user": ("reader",), "operator": ("user",), "admin": ("operator",)}
)


class RoleCycle(Exception):
    """A role inherits from itself over others."""

    def __init__(self, role: str) -> None:
        super().__init__(f"role {role!r} inherits from itself; break the circle")
        self.role = role


def build_roles(
    own: Mapping[str, frozenset[str]], inherits: Mapping[str, tuple[str, ...]]
) -> dict[str, Role]:
    """Return every role with its own and all inherited permissions."""

    def effective(name: str, below: tuple[str, ...]) -> frozenset[str]:
        if name in below:
            raise RoleCycle(name)
        inherited = (effective(parent, (*below, name)) for parent in inherits.get(name, ()))
        return own[name].union(*inherited)

    return {
        name: Role(name=name, inherits=inherits.get(name, ()), permissions=effective(name, ()))
        for name in own
    }


ROLE_TABLE: Mapping[str, Role] = MappingProxyType(build_roles(ROLES, _INHERITS))


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """Return all that these roles may do together; an unknown role may do nothing."""
    granted: frozenset[str] = frozenset()
    for name in roles:
        if name in ROLE_TABLE:
            granted |= ROLE_TABLE[name].permissions
    return granted
