"""The rate limit before what guesses secrets is counted and published, and the surplus is served."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.counting import Charges, Counting, Rule, Taken
from reference_impl.gateway.limits import LOGIN, Asked, BudgetPolicy
from reference_impl.kit.policies import PolicyTable, Probe


class _NeverRefuses:
    """Counts like the right one and lets the surplus pass."""

    def __init__(self, right: Counting, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def take(self, charges: Charges) -> Taken:
        taken = await self._right.take(charges)
        self._probe.reached()
        if taken.refused:
            self._probe.triggered()
        return replace(taken, refused=False)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.rate_counter", _NeverRefuses(policies["gateway.rate_counter"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A smaller budget, enforced as strictly."""
    right: BudgetPolicy = policies["gateway.rate_budgets"]
    smaller = Rule(name=LOGIN.name, quota=LOGIN.quota - 10, window_seconds=LOGIN.window_seconds)

    def stricter(asked: Asked) -> Charges:
        probe.reached()
        return [(smaller if rule is LOGIN else rule, owner) for rule, owner in right(asked)]

    policies.replace("gateway.rate_budgets", stricter)


DEFECT = Defect(
    id="rate-limit-counts-only",
    family="owasp-api",
    title="Rate limits are counted and published, and the surplus is served.",
    breaks=("security.rate-limit-enforced",),
    apply=_apply,
    twin=_twin,
)
