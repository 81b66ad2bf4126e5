"""A deleted object vanishes from the list and can still be read."""

from collections.abc import Sequence
from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.ids import new_id
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.storage.models import Conditions, Entry, Reach, Written
from reference_impl.storage.policies import WriteConditions
from reference_impl.storage.ports import Catalogue


class _OnlyHides:
    """Takes a deleted entry out of lists and leaves it where it is."""

    def __init__(self, right: Catalogue, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._hidden: set[tuple[str, str, str]] = set()

    async def find(self, reach: Reach, key: str, *, prefer: str) -> Entry | None:
        entry = await self._right.find(reach, key, prefer=prefer)
        if entry is not None and _name(entry) in self._hidden:
            self._probe.triggered()
        return entry

    async def write(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Written:
        self._hidden.discard(_name(entry))
        return await self._right.write(entry, conditions, check)

    async def remove(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Entry | None:
        check(conditions, entry)
        self._probe.reached()
        self._hidden.add(_name(entry))
        return replace(entry, blob=new_id("blb"))  # the bytes stay, too

    async def list(self, reach: Reach, *, prefix: str, after: str | None, limit: int) -> Sequence[Entry]:
        found = await self._right.list(reach, prefix=prefix, after=after, limit=limit)
        return [entry for entry in found if _name(entry) not in self._hidden]


class _AsksAgain:
    """Every look-up is made twice."""

    def __init__(self, right: Catalogue, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def find(self, reach: Reach, key: str, *, prefer: str) -> Entry | None:
        self._probe.reached()
        await self._right.find(reach, key, prefer=prefer)
        return await self._right.find(reach, key, prefer=prefer)

    async def write(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Written:
        return await self._right.write(entry, conditions, check)

    async def remove(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Entry | None:
        return await self._right.remove(entry, conditions, check)

    async def list(self, reach: Reach, *, prefix: str, after: str | None, limit: int) -> Sequence[Entry]:
        return await self._right.list(reach, prefix=prefix, after=after, limit=limit)


def _name(entry: Entry) -> tuple[str, str, str]:
    return entry.tenant, entry.owner, entry.key


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("storage.catalogue", _OnlyHides(policies["storage.catalogue"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("storage.catalogue", _AsksAgain(policies["storage.catalogue"], probe))


DEFECT = Defect(
    id="deleted-object-still-read",
    family="rest-semantics",
    title="A deleted object vanishes from the list and can still be read.",
    breaks=("storage.deleted-is-gone",),
    apply=_apply,
    twin=_twin,
)
