"""The list goes on showing objects that were deleted."""

from collections.abc import Sequence

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.storage.models import Conditions, Entry, Reach, Written
from reference_impl.storage.policies import WriteConditions
from reference_impl.storage.ports import Catalogue


class _StaleList:
    """Lists what was deleted beside what is there, as an index that nobody renews does."""

    def __init__(self, right: Catalogue, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._deleted: dict[tuple[str, str, str], Entry] = {}

    async def find(self, reach: Reach, key: str, *, prefer: str) -> Entry | None:
        return await self._right.find(reach, key, prefer=prefer)

    async def write(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Written:
        self._deleted.pop((entry.tenant, entry.owner, entry.key), None)
        return await self._right.write(entry, conditions, check)

    async def remove(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Entry | None:
        self._probe.reached()
        self._deleted[entry.tenant, entry.owner, entry.key] = entry
        return await self._right.remove(entry, conditions, check)

    async def list(self, reach: Reach, *, prefix: str, after: str | None, limit: int) -> Sequence[Entry]:
        found = await self._right.list(reach, prefix=prefix, after=after, limit=limit)
        stale = [
            entry
            for (tenant, owner, key), entry in self._deleted.items()
            if (tenant, owner) == (reach.tenant, reach.owner)
            and key.startswith(prefix)
            and key > (after or "")
        ]
        if stale:
            self._probe.triggered()
        return sorted([*found, *stale], key=lambda entry: entry.key)[:limit]


class _LooksTwice:
    """Lists are read twice, and the second reading counts."""

    def __init__(self, right: Catalogue, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def find(self, reach: Reach, key: str, *, prefer: str) -> Entry | None:
        return await self._right.find(reach, key, prefer=prefer)

    async def write(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Written:
        return await self._right.write(entry, conditions, check)

    async def remove(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Entry | None:
        return await self._right.remove(entry, conditions, check)

    async def list(self, reach: Reach, *, prefix: str, after: str | None, limit: int) -> Sequence[Entry]:
        self._probe.reached()
        await self._right.list(reach, prefix=prefix, after=after, limit=limit)
        return await self._right.list(reach, prefix=prefix, after=after, limit=limit)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("storage.catalogue", _StaleList(policies["storage.catalogue"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("storage.catalogue", _LooksTwice(policies["storage.catalogue"], probe))


DEFECT = Defect(
    id="deleted-object-still-listed",
    family="rest-semantics",
    title="The list goes on showing objects that were deleted.",
    breaks=("storage.deleted-is-gone",),
    apply=_apply,
    twin=_twin,
)
