"""The old version does not say that it is deprecated."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_DEPRECATION = b"deprecation"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def silent(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        kept = [field for field in exchange.headers if field[0] != _DEPRECATION]
        if len(kept) == len(exchange.headers):
            return status, headers
        probe.reached()
        probe.triggered()
        exchange.headers = kept
        return status, headers

    policies.replace("gateway.answer_head", silent)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Another link beside the one to the migration note."""
    right: AnswerHead = policies["gateway.answer_head"]

    def twice_linked(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if any(name == _DEPRECATION for name, _ in exchange.headers):
            probe.reached()
            headers = [*headers, (b"link", b'</openapi.json>; rel="service-desc"')]
        return status, headers

    policies.replace("gateway.answer_head", twice_linked)


DEFECT = Defect(
    id="deprecation-unannounced",
    family="contract-evolution",
    title="The old version does not say that it is deprecated.",
    breaks=("api.deprecation-announced",),
    apply=_apply,
    twin=_twin,
)
