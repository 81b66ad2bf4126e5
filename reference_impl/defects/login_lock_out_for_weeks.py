"""A few wrong passwords lock the owner of an account out for a month."""

from reference_impl.auth.models import Limits
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_MONTH = 30 * 24 * 3600
_DAY = 24 * 3600


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def watched(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if exchange.path == "/auth/login" and status == 429:
            probe.reached()
            if int(dict(headers).get(b"retry-after", b"0")) > _DAY:
                probe.triggered()
        return status, headers

    policies.replace("auth.login_limits", Limits(window_seconds=_MONTH))
    policies.replace("gateway.answer_head", watched)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """An hour is long, and the owner gets in after it."""
    probe.reached()
    policies.replace("auth.login_limits", Limits(window_seconds=3600))


DEFECT = Defect(
    id="login-lock-out-for-weeks",
    family="owasp-api",
    title="A few wrong passwords lock the owner of an account out for a month.",
    breaks=("auth.login-throttled",),
    apply=_apply,
    twin=_twin,
)
