"""A body may be as large as its sender likes."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.bodies import SizeRule
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: SizeRule = policies["gateway.body_too_large"]

    def never(size: int, limit: int) -> bool:
        probe.reached()
        if right(size, limit):
            probe.triggered()
        return False

    policies.replace("gateway.body_too_large", never)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A byte less."""
    right: SizeRule = policies["gateway.body_too_large"]

    def stricter(size: int, limit: int) -> bool:
        probe.reached()
        return right(size, limit - 1)

    policies.replace("gateway.body_too_large", stricter)


DEFECT = Defect(
    id="body-limit-ignored",
    family="rest-semantics",
    title="A body may be as large as its sender likes.",
    breaks=("api.body-size-bounded",),
    apply=_apply,
    twin=_twin,
)
