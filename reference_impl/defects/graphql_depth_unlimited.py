"""A GraphQL document may be nested as deep as a client likes."""

from dataclasses import replace

from reference_impl.chapters.graph.limits import Measure, QueryLimits
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _AnyDepth:
    """Takes every document for a flat one."""

    def __init__(self, right: QueryLimits, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, measure: Measure) -> str | None:
        self._probe.reached()
        refusal = self._right(replace(measure, depth=0))
        if refusal is None and self._right(measure) is not None:
            self._probe.triggered()
        return refusal


class _OneLevelLess:
    """The twin: a level less than was meant."""

    def __init__(self, right: QueryLimits, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, measure: Measure) -> str | None:
        self._probe.reached()
        return self._right(replace(measure, depth=measure.depth + 1))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.query_limits", _AnyDepth(policies["chapters.query_limits"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.query_limits", _OneLevelLess(policies["chapters.query_limits"], probe))


DEFECT = Defect(
    id="graphql-depth-unlimited",
    family="graphql-http",
    title="A GraphQL document may be nested as deep as a client likes.",
    breaks=("graphql.size-bounded",),
    apply=_apply,
    twin=_twin,
)
