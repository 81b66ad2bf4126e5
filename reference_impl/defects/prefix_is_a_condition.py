"""A prefix is written into a statement as it is."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.storage.models import Entry, Reach
from reference_impl.storage.ports import Catalogue


class _Written:
    """Asks a database whether there is anything by a statement that holds the caller's text."""

    def __init__(self, right: Catalogue, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def list(self, reach: Reach, *, prefix: str, after: str | None, limit: int) -> Sequence[Entry]:
        found = await self._right.list(reach, prefix=prefix, after=after, limit=limit)
        if not prefix:
            return found
        self._probe.reached()
        if not _is_true_in_a_statement(prefix):
            return found
        self._probe.triggered()
        return await self._right.list(reach, prefix="", after=after, limit=limit)


def _is_true_in_a_statement(text: str) -> bool:
    """Whether the text turns a condition that nothing meets into one that everything meets."""
    database = sqlite3.connect(":memory:")
    try:
        row = database.execute(f"SELECT 1 WHERE '' = 'no' AND 'key' = '{text}'").fetchone()
    except sqlite3.Error:
        return False
    finally:
        database.close()
    return row is not None


class _AsksTwice:
    """The twin: the same list, read twice."""

    def __init__(self, right: Catalogue, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def list(self, reach: Reach, *, prefix: str, after: str | None, limit: int) -> Sequence[Entry]:
        self._probe.reached()
        await self._right.list(reach, prefix=prefix, after=after, limit=limit)
        return await self._right.list(reach, prefix=prefix, after=after, limit=limit)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("storage.catalogue", _Written(policies["storage.catalogue"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("storage.catalogue", _AsksTwice(policies["storage.catalogue"], probe))


DEFECT = Defect(
    id="prefix-is-a-condition",
    family="owasp-api",
    title="A prefix is written into a statement as it is.",
    breaks=("security.sql-not-injectable",),
    apply=_apply,
    twin=_twin,
)
