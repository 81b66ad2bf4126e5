"""A 405 does not say which methods there are."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def unnamed(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 405:
            return status, headers
        probe.reached()
        probe.triggered()
        return status, [field for field in headers if field[0] != b"allow"]

    policies.replace("gateway.answer_head", unnamed)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The same methods in another order."""
    right: AnswerHead = policies["gateway.answer_head"]

    def sorted_names(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 405:
            return status, headers
        probe.reached()
        return status, [
            (name, b", ".join(sorted(value.split(b", "))) if name == b"allow" else value)
            for name, value in headers
        ]

    policies.replace("gateway.answer_head", sorted_names)


DEFECT = Defect(
    id="allow-missing",
    family="rest-semantics",
    title="A 405 does not say which methods there are.",
    breaks=("api.method-not-allowed-names-methods",),
    apply=_apply,
    twin=_twin,
)
