"""Finds the data both worlds share (contracts/, scenarios/), in a checkout and in an installed wheel."""

from pathlib import Path

from harness.core.errors import HarnessFault

_PACKAGE = Path(__file__).resolve().parents[1]
_ROOTS = (_PACKAGE / "_resources", _PACKAGE.parent)


def resource(relative: str) -> Path:
    """Return the path of e.g. `contracts/requirements`; raises HarnessFault when it is nowhere."""
    for root in _ROOTS:
        if (root / relative).exists():
            return root / relative
    raise HarnessFault(f"{relative} is not part of this installation", remedy="install the package again")
