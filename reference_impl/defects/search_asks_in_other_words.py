"""The search provider is asked for a number of results by a parameter that it does not have."""

from collections.abc import Callable, Mapping

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import Apply, PolicyTable, Probe
from reference_impl.search.models import Query

Parameters = Callable[[Query], Mapping[str, str]]


def _asking(change: Callable[[Mapping[str, str]], Mapping[str, str]], *, is_wrong: bool) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: Parameters = policies["search.parameters"]

        def parameters(query: Query) -> Mapping[str, str]:
            probe.reached()
            if is_wrong:
                probe.triggered()
            return change(right(query))

        policies.replace("search.parameters", parameters)

    return apply


def _renamed(parameters: Mapping[str, str]) -> Mapping[str, str]:
    return {("limit" if name == "count" else name): value for name, value in parameters.items()}


def _backwards(parameters: Mapping[str, str]) -> Mapping[str, str]:
    return dict(reversed(list(parameters.items())))


DEFECT = Defect(
    id="search-asks-in-other-words",
    family="contract-evolution",
    title="The search provider is asked for a number of results by a parameter that it does not have.",
    breaks=("search.requests-match-contract",),
    apply=_asking(_renamed, is_wrong=True),
    twin=_asking(_backwards, is_wrong=False),
)
