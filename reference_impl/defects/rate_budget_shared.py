"""All identities of one address spend one budget: who floods it locks the others out."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.counting import Charges
from reference_impl.gateway.limits import IDENTITY, Asked, BudgetPolicy
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: BudgetPolicy = policies["gateway.rate_budgets"]
    seen: dict[str, set[str]] = {}

    def by_address(asked: Asked) -> Charges:
        charges = right(asked)
        own = [owner for rule, owner in charges if rule is IDENTITY]
        if not own:
            return charges
        probe.reached()
        seen.setdefault(asked.address, set()).update(own)
        if len(seen[asked.address]) > 1:
            probe.triggered()
        return [(rule, asked.address if rule is IDENTITY else owner) for rule, owner in charges]

    policies.replace("gateway.rate_budgets", by_address)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The owner of a budget is written down in another way."""
    right: BudgetPolicy = policies["gateway.rate_budgets"]

    def renamed(asked: Asked) -> Charges:
        probe.reached()
        return [(rule, f"budget of {owner}") for rule, owner in right(asked)]

    policies.replace("gateway.rate_budgets", renamed)


DEFECT = Defect(
    id="rate-budget-shared",
    family="owasp-api",
    title="All identities of one address spend one rate budget.",
    breaks=("security.rate-limit-follows-caller",),
    apply=_apply,
    twin=_twin,
)
