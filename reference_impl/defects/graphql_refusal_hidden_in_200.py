"""A GraphQL document that was never run is answered with 200, whatever media type was agreed on."""

from collections.abc import Callable, Mapping

from reference_impl.chapters.over_http import Media
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_Status = Callable[[Mapping[str, object], Media], int]


class _AlwaysOk:
    """Leaves it to the body to say what went wrong."""

    def __init__(self, right: _Status, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, answer: Mapping[str, object], media: Media) -> int:
        self._probe.reached()
        if self._right(answer, media) != 200:
            self._probe.triggered()
        return 200


class _AlwaysHonest:
    """The twin: clients of legacy JSON get the 400, too, as the specification allows."""

    def __init__(self, right: _Status, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, answer: Mapping[str, object], _media: Media) -> int:
        self._probe.reached()
        return self._right(answer, Media.GRAPHQL)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.status", _AlwaysOk(policies["chapters.status"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.status", _AlwaysHonest(policies["chapters.status"], probe))


DEFECT = Defect(
    id="graphql-refusal-hidden-in-200",
    family="graphql-http",
    title="A GraphQL document that was never run is answered with 200, whatever media type was agreed on.",
    breaks=("graphql.statuses-as-negotiated",),
    apply=_apply,
    twin=_twin,
)
