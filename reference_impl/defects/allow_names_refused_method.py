"""The Allow header of a 405 names every method there is, the refused one included."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_EVERY = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def every_method(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 405:
            return status, headers
        probe.reached()
        probe.triggered()
        return status, [(name, _EVERY if name == b"allow" else value) for name, value in headers]

    policies.replace("gateway.answer_head", every_method)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A list without blanks is the same list."""
    right: AnswerHead = policies["gateway.answer_head"]

    def in_lines(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 405:
            return status, headers
        probe.reached()
        return status, [
            (name, value.replace(b", ", b",") if name == b"allow" else value) for name, value in headers
        ]

    policies.replace("gateway.answer_head", in_lines)


DEFECT = Defect(
    id="allow-names-refused-method",
    family="rest-semantics",
    title="The Allow header of a 405 names the refused method, too.",
    breaks=("api.method-not-allowed-names-methods",),
    apply=_apply,
    twin=_twin,
)
