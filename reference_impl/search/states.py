"""Provider states of search: earlier answers that are really in the memory."""

from collections.abc import Mapping
from dataclasses import dataclass

from reference_impl.kit.clock import Clock
from reference_impl.kit.composition import StateHandler
from reference_impl.search.models import Hit, Kind, Query, Remembered
from reference_impl.search.ports import Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchStates:
    """Handlers by the name of the state."""

    memory: Memory
    clock: Clock

    def handlers(self) -> Mapping[str, StateHandler]:
        """Return the states that search offers."""
        return {"search answers": self.search_answers}

    async def search_answers(self, params: Mapping[str, object]) -> Mapping[str, object]:
        """An earlier answer for `q`, so that there is one with or without the upstream."""
        text = str(params.get("q", "circuit breakers"))
        kind = Kind(str(params.get("kind", "web")))
        hit = Hit(title=f"{text}: an answer", url="https://example.org/answer", description="From before.")
        remembered = Remembered(hits=(hit,), at=self.clock.now().timestamp())
        await self.memory.remember(Query(kind=kind, text=text), remembered)
        return {"q": text}
