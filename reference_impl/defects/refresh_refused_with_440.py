"""A refused refresh token is answered with a status that no document names."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_PATH = "/auth/refresh"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def timed_out(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if exchange.path != _PATH or status != 401:
            return status, headers
        probe.reached()
        probe.triggered()
        return 440, headers

    policies.replace("gateway.answer_head", timed_out)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A header more beside the documented status."""
    right: AnswerHead = policies["gateway.answer_head"]

    def explained(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if exchange.path != _PATH or status != 401:
            return status, headers
        probe.reached()
        return status, [*headers, (b"x-hint", b"log in again")]

    policies.replace("gateway.answer_head", explained)


DEFECT = Defect(
    id="refresh-refused-with-440",
    family="rest-semantics",
    title="A refused refresh token is answered with a status that no document names.",
    breaks=("api.status-codes-documented",),
    apply=_apply,
    twin=_twin,
)
