"""A GraphQL document may carry as many directives as a client likes."""

from dataclasses import replace

from reference_impl.chapters.graph.limits import Measure, QueryLimits
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _AnyNumber:
    """Overlooks directives."""

    def __init__(self, right: QueryLimits, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, measure: Measure) -> str | None:
        self._probe.reached()
        refusal = self._right(replace(measure, directives=0))
        if refusal is None and self._right(measure) is not None:
            self._probe.triggered()
        return refusal


class _HalfAsMany:
    """The twin: half as many as were meant."""

    def __init__(self, right: QueryLimits, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, measure: Measure) -> str | None:
        self._probe.reached()
        return self._right(replace(measure, directives=2 * measure.directives))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.query_limits", _AnyNumber(policies["chapters.query_limits"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.query_limits", _HalfAsMany(policies["chapters.query_limits"], probe))


DEFECT = Defect(
    id="graphql-directives-unlimited",
    family="graphql-http",
    title="A GraphQL document may carry as many directives as a client likes.",
    breaks=("graphql.size-bounded",),
    apply=_apply,
    twin=_twin,
)
