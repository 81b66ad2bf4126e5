"""Puts chosen defects into a service's rules; the service has a copy of this beside it."""

from collections.abc import Iterable
from typing import Any


def broken(rules: type[Any], kinds: Iterable[type[Any]], names: str) -> type[Any]:
    """Return the rules with the named defects in them; a name that is not known raises KeyError."""
    known = {kind.id: kind for kind in kinds}
    chosen = [known[name] for name in names.split(",") if name]
    return type("Broken", tuple(chosen), {}) if chosen else rules
