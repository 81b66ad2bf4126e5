"""A 503 does not say when to come back."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_NAME = b"retry-after"
_LONG = b"30"


class _NoTime:
    """Takes Retry-After off a 503; a 429 keeps its own."""

    def __init__(self, right: AnswerHead, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = self._right(exchange, status, headers)
        if status != 503:
            return status, headers
        self._probe.reached()
        left = [field for field in headers if field[0].lower() != _NAME]
        if len(left) < len(headers):
            self._probe.triggered()
        return status, left


class _LongTime:
    """The twin: asks for half a minute."""

    def __init__(self, right: AnswerHead, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = self._right(exchange, status, headers)
        if status == 503:
            self._probe.reached()
            headers = [(name, _LONG if name.lower() == _NAME else value) for name, value in headers]
        return status, headers


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.answer_head", _NoTime(policies["gateway.answer_head"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.answer_head", _LongTime(policies["gateway.answer_head"], probe))


DEFECT = Defect(
    id="unavailable-without-retry-after",
    family="resilience",
    title="A 503 does not say when to come back.",
    breaks=("redis.outage-contained", "errors.unavailable-says-when"),
    apply=_apply,
    twin=_twin,
)
