"""Documents that were once loaded are shown as they were then, whatever happened since."""

from collections.abc import Collection, Mapping
from typing import Any

from reference_impl.chapters.models import Document
from reference_impl.chapters.ports import DocumentStore
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _Remembering:
    """A cache that no mutation clears."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._known: dict[str, Document] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def documents(self, ids: Collection[str]) -> Mapping[str, Document]:
        self._probe.reached()
        found = await self._right.documents(ids)
        remembered = {key: self._known[key] for key in ids if key in self._known}
        for key, document in remembered.items():
            if found.get(key) != document:
                self._probe.triggered()
        self._known |= {key: document for key, document in found.items() if key not in self._known}
        return {**found, **remembered}


class _OneByOne:
    """The twin: each id is asked for once, however often it is named."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def documents(self, ids: Collection[str]) -> Mapping[str, Document]:
        self._probe.reached()
        return await self._right.documents(tuple(dict.fromkeys(ids)))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _Remembering(policies["chapters.documents"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _OneByOne(policies["chapters.documents"], probe))


DEFECT = Defect(
    id="graphql-loader-outlives-request",
    family="graphql-http",
    title="Documents that were once loaded are shown as they were then, whatever happened since.",
    breaks=("graphql.reads-see-writes",),
    apply=_apply,
    twin=_twin,
)
