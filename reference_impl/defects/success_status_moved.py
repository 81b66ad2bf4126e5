"""Accepting a message answers another success status than the document promises."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_ROUTES = frozenset({"/api/hub/messages", "/api/hub/messages/batch"})


class _AnswersOk:
    """Turns 202 into 200, as a refactoring that forgot the status does."""

    def __init__(self, right: AnswerHead, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = self._right(exchange, status, headers)
        if exchange.method != "POST" or exchange.path not in _ROUTES:
            return status, headers
        self._probe.reached()
        if status != 202:
            return status, headers
        self._probe.triggered()
        return 200, headers


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "gateway.answer_head"
    policies.replace(name, _AnswersOk(policies[name], probe))


DEFECT = Defect(
    id="success-status-moved",
    family="contract-evolution",
    title="Accepting a message answers another success status than the document promises.",
    breaks=("docs.success-observed", "testing.interactions-verified"),
    apply=_apply,
)
