"""Nobody counts how often a wrong password was tried."""

from dataclasses import replace

from reference_impl.auth.models import Limits
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.counting import Charges
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.gateway.limits import LOGIN, Asked, BudgetPolicy
from reference_impl.kit.policies import PolicyTable, Probe

_ENDLESS = 1_000_000
_SOME = 10


def _apply(policies: PolicyTable, probe: Probe) -> None:
    budgets: BudgetPolicy = policies["gateway.rate_budgets"]
    head: AnswerHead = policies["gateway.answer_head"]
    refused = 0

    def uncounted(asked: Asked) -> Charges:
        return [charge for charge in budgets(asked) if charge[0] is not LOGIN]

    def watched(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        nonlocal refused
        if exchange.path == "/auth/login" and status == 401:
            refused += 1
            probe.reached()
            if refused > _SOME:
                probe.triggered()
        return head(exchange, status, headers)

    endless = Limits(per_account_and_address=_ENDLESS, per_account=_ENDLESS, per_address=_ENDLESS)
    policies.replace("auth.login_limits", endless)
    policies.replace("gateway.rate_budgets", uncounted)
    policies.replace("gateway.answer_head", watched)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """One attempt fewer."""
    probe.reached()
    right: Limits = policies["auth.login_limits"]
    fewer = replace(right, per_account_and_address=right.per_account_and_address - 1)
    policies.replace("auth.login_limits", fewer)


DEFECT = Defect(
    id="login-unthrottled",
    family="owasp-api",
    title="Nobody counts how often a wrong password was tried.",
    breaks=("security.guessing-throttled",),
    apply=_apply,
    twin=_twin,
)
