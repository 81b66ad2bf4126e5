"""A 429 does not say when to come back."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_LOGIN = "/auth/login"
_WAIT = b"retry-after"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def silent(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 429 or exchange.path == _LOGIN:
            return status, headers
        probe.reached()
        probe.triggered()
        return status, [field for field in headers if field[0] != _WAIT]

    policies.replace("gateway.answer_head", silent)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The wait is a little longer than it need be."""
    right: AnswerHead = policies["gateway.answer_head"]

    def rounded_up(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 429 or exchange.path == _LOGIN:
            return status, headers
        probe.reached()
        return status, [
            (name, str(int(value) + 5).encode() if name == _WAIT else value) for name, value in headers
        ]

    policies.replace("gateway.answer_head", rounded_up)


DEFECT = Defect(
    id="rate-limit-without-wait",
    family="owasp-api",
    title="A 429 does not say when to come back.",
    breaks=("security.rate-limit-enforced",),
    apply=_apply,
    twin=_twin,
)
